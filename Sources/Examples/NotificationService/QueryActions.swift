// What the service can do, by the names of its actions.

import ExampleSupport
import Telemetry

/// The actions on topics, subscriptions and messages. Each returns the XML of its result, or nil if it has none.
struct QueryActions: Sendable {
    /// Actions that links in messages perform, which have a token or a name that only the endpoint knows.
    static let unsigned: Set = ["ConfirmSubscription", "Unsubscribe"]

    let topics: TopicStore
    let deliveries: DeliveryStore
    let publisher: Publisher
    let workers: DeliveryWorkers
    let publicURL: String?

    /// The names of all actions.
    static let names: Set = [
        "CreateTopic", "DeleteTopic", "ListTopics", "GetTopicAttributes", "SetTopicAttributes", "Subscribe", "ConfirmSubscription",
        "Unsubscribe", "ListSubscriptions", "ListSubscriptionsByTopic", "GetSubscriptionAttributes", "SetSubscriptionAttributes", "Publish",
    ]

    func perform(_ action: String, _ query: QueryRequest) async throws(QueryFault) -> HTML? {
        switch action {
        case "CreateTopic": try await createTopic(query)
        case "DeleteTopic": try await deleteTopic(query)
        case "ListTopics": try await listTopics(query)
        case "GetTopicAttributes": try await topicAttributes(query)
        case "SetTopicAttributes": try await setTopicAttributes(query)
        case "Subscribe": try await subscribe(query)
        case "ConfirmSubscription": try await confirm(query)
        case "Unsubscribe": try await unsubscribe(query)
        case "ListSubscriptions": try await list(query, of: nil)
        case "ListSubscriptionsByTopic": try await list(query, of: try query.required("TopicArn"))
        case "GetSubscriptionAttributes": try await subscriptionAttributes(query)
        case "SetSubscriptionAttributes": try await setSubscriptionAttributes(query)
        case "Publish": try await publish(query)
        default: throw QueryFault(status: 400, code: "InvalidAction", message: "Could not find operation \(action.prefix(64))")
        }
    }

    private func publish(_ query: QueryRequest) async throws(QueryFault) -> HTML {
        let (id, subscriptions) = try await publisher.publish(query)
        workers.wake(subscriptions)
        return "<MessageId>\(id)</MessageId>"
    }
}

// MARK: Topics

extension QueryActions {
    private func createTopic(_ query: QueryRequest) async throws(QueryFault) -> HTML {
        let name = try query.required("Name")
        guard TopicStore.isName(name) else { throw .invalid("Topic Name") }
        let arn = try await QueryFault.storing { () async throws(DatabaseError) in try await topics.create(name) }
        guard let arn else {
            throw .forbidden("TopicLimitExceeded", "There are \(TopicStore.maximumTopics) topics already")
        }
        for (name, value) in query.attributes { try await set(name, value, of: arn) }
        return "<TopicArn>\(arn)</TopicArn>"
    }

    private func deleteTopic(_ query: QueryRequest) async throws(QueryFault) -> HTML? {
        let arn = try query.required("TopicArn")
        let rest = try await QueryFault.storing { () async throws(DatabaseError) in
            try await topics.delete(arn)
            try await deliveries.countAnew()
            return try await topics.openSubscriptions()
        }
        workers.keep(rest)
        return nil
    }

    private func listTopics(_ query: QueryRequest) async throws(QueryFault) -> HTML {
        let page = try await QueryFault.storing { () async throws(DatabaseError) in try await topics.topics(after: query["NextToken"] ?? "")
        }
        let members: [HTML] = page.arns.map { "<member><TopicArn>\($0)</TopicArn></member>" }
        return "<Topics>\(members)</Topics>\(Self.next(page.hasMore ? page.arns.last : nil))"
    }

    private func topicAttributes(_ query: QueryRequest) async throws(QueryFault) -> HTML {
        let arn = try query.required("TopicArn")
        let found = try await QueryFault.storing { () async throws(DatabaseError) in
            (
                version: try await topics.signatureVersion(of: arn),
                states: try await topics.subscriptions(of: arn, after: "").list.map(\.state)
            )
        }
        guard let version = found.version else { throw .notFound("Topic") }
        return Self.map([
            ("TopicArn", arn), ("Owner", TopicStore.account), ("SignatureVersion", version),
            ("SubscriptionsConfirmed", "\(found.states.count { $0 == .confirmed })"),
            ("SubscriptionsPending", "\(found.states.count { $0 == .pending })"),
        ])
    }

    private func setTopicAttributes(_ query: QueryRequest) async throws(QueryFault) -> HTML? {
        try await set(try query.required("AttributeName"), query["AttributeValue"] ?? "", of: try query.required("TopicArn"))
        return nil
    }

    private func set(_ name: String, _ value: String, of topic: String) async throws(QueryFault) {
        guard name == "SignatureVersion" else { throw .invalid("AttributeName: this stand-in has SignatureVersion alone") }
        guard value == "1" || value == "2" else { throw .invalid("SignatureVersion must be 1 or 2") }
        let isSet = try await QueryFault.storing { () async throws(DatabaseError) in
            try await topics.setSignatureVersion(of: topic, to: value)
        }
        guard isSet else { throw .notFound("Topic") }
    }
}

// MARK: Subscriptions

extension QueryActions {
    private func subscribe(_ query: QueryRequest) async throws(QueryFault) -> HTML {
        let (topic, name) = (try query.required("TopicArn"), try query.required("Protocol"))
        guard name == "http" || name == "https" else {
            throw .invalid("Protocol: this stand-in delivers by http and https alone")
        }
        let endpoint = try query.required("Endpoint")
        guard endpoint.utf8.count <= 2048, HTTPURL(endpoint)?.isSecure == (name == "https") else {
            throw .invalid("Endpoint must be a URL that begins with \(name)://")
        }
        var isRaw = false
        for (name, value) in query.attributes { isRaw = try Self.isRaw(name, value) }
        let (baseURL, raw) = (publicURL ?? "http://\(query.host)", isRaw)
        let (exists, found) = try await QueryFault.storing { () async throws(DatabaseError) -> (Bool, Subscription?) in
            guard try await topics.signatureVersion(of: topic) != nil else { return (false, nil) }
            let subscription = try await topics.subscribe(endpoint, name, to: topic, baseURL: baseURL, isRaw: raw)
            if let subscription, subscription.state == .pending { try await deliveries.ask(subscription, .subscriptionConfirmation) }
            return (true, subscription)
        }
        guard exists else { throw .notFound("Topic") }
        guard let subscription = found else {
            throw .forbidden("SubscriptionLimitExceeded", "There are \(TopicStore.maximumSubscriptions) subscriptions already")
        }
        workers.add(subscription.arn)
        workers.wake([subscription.arn])
        let showsName = subscription.state == .confirmed || query["ReturnSubscriptionArn"] == "true"
        return "<SubscriptionArn>\(showsName ? subscription.arn : "pending confirmation")</SubscriptionArn>"
    }

    private func confirm(_ query: QueryRequest) async throws(QueryFault) -> HTML {
        let (topic, token) = (try query.required("TopicArn"), try query.required("Token"))
        let subscription = try await QueryFault.storing { () async throws(DatabaseError) in try await topics.confirm(token, of: topic) }
        guard let subscription else { throw .invalid("Token") }
        workers.add(subscription.arn)
        return "<SubscriptionArn>\(subscription.arn)</SubscriptionArn>"
    }

    /// Ends a subscription, and tells its endpoint, which can take that back.
    private func unsubscribe(_ query: QueryRequest) async throws(QueryFault) -> HTML? {
        let arn = try query.required("SubscriptionArn")
        guard arn.hasPrefix("arn:") else { throw .invalid("SubscriptionArn") }
        let ended = try await QueryFault.storing { () async throws(DatabaseError) -> Subscription? in
            guard let subscription = try await topics.end(arn) else { return nil }
            try await deliveries.countAnew()
            try await deliveries.ask(subscription, .unsubscribeConfirmation)
            return subscription
        }
        // A subscription that is not there is ended, as with the service itself.
        if let ended { workers.wake([ended.arn]) }
        return nil
    }

    private func list(_ query: QueryRequest, of topic: String?) async throws(QueryFault) -> HTML {
        let page = try await QueryFault.storing { () async throws(DatabaseError) in
            (
                exists: topic == nil ? true : try await topics.signatureVersion(of: topic ?? "") != nil,
                content: try await topics.subscriptions(of: topic, after: query["NextToken"] ?? "")
            )
        }
        guard page.exists else { throw .notFound("Topic") }
        let members: [HTML] = page.content.list.map { subscription in
            """
            <member><SubscriptionArn>\(subscription.state == .confirmed ? subscription.arn : "PendingConfirmation")</SubscriptionArn>\
            <Owner>\(TopicStore.account)</Owner><Protocol>\(subscription.networkProtocol)</Protocol>\
            <Endpoint>\(subscription.endpoint)</Endpoint><TopicArn>\(subscription.topic)</TopicArn></member>
            """
        }
        return "<Subscriptions>\(members)</Subscriptions>\(Self.next(page.content.hasMore ? page.content.list.last?.arn : nil))"
    }

    private func subscriptionAttributes(_ query: QueryRequest) async throws(QueryFault) -> HTML {
        let arn = try query.required("SubscriptionArn")
        let found = try await QueryFault.storing { () async throws(DatabaseError) in try await topics.subscription(arn) }
        guard let found, found.state != .ended else { throw .notFound("Subscription") }
        return Self.map([
            ("SubscriptionArn", found.arn), ("TopicArn", found.topic), ("Owner", TopicStore.account), ("Protocol", found.networkProtocol),
            ("Endpoint", found.endpoint), ("RawMessageDelivery", "\(found.isRaw)"), ("PendingConfirmation", "\(found.state == .pending)"),
        ])
    }

    private func setSubscriptionAttributes(_ query: QueryRequest) async throws(QueryFault) -> HTML? {
        let arn = try query.required("SubscriptionArn")
        let isRaw = try Self.isRaw(try query.required("AttributeName"), query["AttributeValue"] ?? "")
        let isSet = try await QueryFault.storing { () async throws(DatabaseError) in try await topics.setRaw(isRaw, of: arn) }
        guard isSet else { throw .notFound("Subscription") }
        return nil
    }

    private static func isRaw(_ name: String, _ value: String) throws(QueryFault) -> Bool {
        guard name == "RawMessageDelivery" else { throw .invalid("AttributeName: this stand-in has RawMessageDelivery alone") }
        guard value == "true" || value == "false" else { throw .invalid("RawMessageDelivery must be true or false") }
        return value == "true"
    }
}

// MARK: XML

extension QueryActions {
    private static func next(_ token: String?) -> HTML { token.map { "<NextToken>\($0)</NextToken>" } ?? "" }

    private static func map(_ attributes: [(String, String)]) -> HTML {
        let entries: [HTML] = attributes.map { "<entry><key>\($0.0)</key><value>\($0.1)</value></entry>" }
        return "<Attributes>\(entries)</Attributes>"
    }
}
