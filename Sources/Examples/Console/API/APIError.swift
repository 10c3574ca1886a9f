// Why a query is not answered.

import ExampleSupport

/// An error of the JSON API: a status, a sentence, and in a search the column that it is about.
struct APIError: Error, Equatable {
    var status = 400
    let message: String
    var column: Int?

    static let busy = APIError(status: 503, message: "Too many queries are waiting; try again in a second.")
}

extension Refusal {
    init(_ error: APIError) {
        var members: [JSONObject.Member] = [.init(key: "message", value: .string(error.message))]
        if let column = error.column { members.append(.init(key: "at", value: .integer(Int64(column)))) }
        self.init(["error": .object(JSONObject(members))], status: error.status, reason: error.message)
    }
}
