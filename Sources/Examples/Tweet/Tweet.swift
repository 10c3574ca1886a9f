// The rows of the tweet service, as they are answered and logged.

import ExampleSupport

/// A row of the table `Tweet`, and the number of its likes.
struct Tweet: DatabaseRecord {
    let id: Int
    let content: String?
    let isPublished: Bool
    let authorID: Int
    let likeCount: Int

    init(_ row: DatabaseRow) throws(DatabaseError) {
        id = try row.integer(0)
        content = try row.optionalText(1)
        isPublished = try row.boolean(2)
        authorID = try row.integer(3)
        likeCount = try row.integer(4)
    }

    /// Returns the answer to a caller: one without likes sees the tweet as it was before there were any.
    func json(for caller: Caller) -> JSONValue {
        var members = row
        if caller.variant == .on { members.append(.init(key: "likes", value: .integer(Int64(likeCount)))) }
        return .object(JSONObject(members))
    }

    private var row: [JSONObject.Member] {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(5)
        members.append(.init(key: "id", value: .integer(Int64(id))))
        members.append(.init(key: "content", value: content.map { .string($0) } ?? .null))
        members.append(.init(key: "published", value: .bool(isPublished)))
        members.append(.init(key: "authorId", value: .integer(Int64(authorID))))
        return members
    }

    /// The row in a log record.
    var recorded: String { JSONValue.object(JSONObject(row)).description.recorded }
}

/// A row of the table `Retweet`.
struct Retweet: DatabaseRecord {
    let id: Int
    let content: String?
    let isPublished: Bool
    let authorID: Int
    let tweetID: Int

    init(_ row: DatabaseRow) throws(DatabaseError) {
        id = try row.integer(0)
        content = try row.optionalText(1)
        isPublished = try row.boolean(2)
        authorID = try row.integer(3)
        tweetID = try row.integer(4)
    }

    var json: JSONValue {
        [
            "id": .integer(Int64(id)), "content": content.map { .string($0) } ?? .null, "published": .bool(isPublished),
            "authorId": .integer(Int64(authorID)), "tweetId": .integer(Int64(tweetID)),
        ]
    }
}

/// A row of the table `Like`.
struct Like: DatabaseRecord {
    let tweetID: Int
    let userID: Int

    init(_ row: DatabaseRow) throws(DatabaseError) {
        tweetID = try row.integer(0)
        userID = try row.integer(1)
    }
}
