// The root of the attribute keys that the semantic conventions define.

/// The keys of attributes that the semantic conventions 1.44 define: `SemanticAttributes.HTTP.route` is `"http.route"`.
///
/// ```swift
/// span[SemanticAttributes.Messaging.destinationName] = "albums.created"
/// requests.add(1, [SemanticAttributes.HTTP.route: "/albums/{id}"])
/// ```
///
/// A key in development may be renamed by a later version of the conventions, and its constant with it.
public enum SemanticAttributes {}
