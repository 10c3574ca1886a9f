// What the requests of a route and of a connection have in common, for spans that need little more.

/// What a plain request has in common with others, so that of its span only the path and the user agent are its own.
struct HTTPServerCommon {
    let series: HTTPServerSeries
    let peer: HTTPServerPeer
}
