// The metrics of the tweet service under their documented names.

import Telemetry

/// Counts what users do. Each instrument has one meaning, and its description is its name, as in the original.
struct TweetMetrics: Sendable {
    /// The names on the page for Prometheus: with suffixes such as `_total`, dashboards of the original would not find them.
    static let names: Set = ["tweet_service_counter", "tweet_service_tweet_counter", "tweet_service_retweet_counter"]

    private let tweets: Counter<Int>
    private let tweetValues: Histogram<Double>
    private let retweets: Counter<Int>
    private let listed: Histogram<Int>

    init(_ meter: Meter) {
        tweets = Self.counter("tweet_service_tweet_counter", meter)
        retweets = Self.counter("tweet_service_retweet_counter", meter)
        let name = "tweet_service_tweet_histogram"
        tweetValues = meter.histogram(
            name, description: name, boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
        // The original recorded the lengths of lists in the histogram of created tweets.
        listed = meter.histogram(
            "tweet_service_listed_tweets", of: Int.self, unit: "{tweet}",
            description: "Tweets in the answers to requests for the tweets of a user.",
            boundaries: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
    }

    static func counter(_ name: String, _ meter: Meter) -> Counter<Int> { meter.counter(name, description: name) }

    /// Users and tweets are without number; those beyond the limits share the overflow series.
    static let views = [
        MetricView(of: "tweet_service_tweet_counter", cardinalityLimit: 1000),
        MetricView(of: "tweet_service_retweet_counter", cardinalityLimit: 1000),
        MetricView(of: "tweet_service_tweet_histogram", cardinalityLimit: 100),
    ]

    func tweetCreated(by userID: Int) {
        tweets.add(1, ["user_id": userID])
        tweetValues.record(1, ["user_id": userID])
    }

    func retweeted(_ tweetID: Int) { retweets.add(1, ["tweet_id": tweetID]) }

    func listed(_ count: Int) { listed.record(count) }
}
