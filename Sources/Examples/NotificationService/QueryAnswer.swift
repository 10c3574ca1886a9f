// The answers of the query protocol.

import ExampleSupport
import Telemetry

/// The XML of answers. Its parts are escaped as those of HTML are.
enum QueryAnswer {
    private static let namespace = "http://sns.amazonaws.com/doc/2010-03-31/"

    /// Returns the answer of an action; nil for one without a result.
    static func success(_ action: String, _ result: HTML?, requestID: String) -> ServiceResponse {
        let result = result.map { "<\(action)Result>\($0)</\(action)Result>" as HTML } ?? ""
        return xml(
            """
            <\(action)Response xmlns="\(namespace)">\(result)\
            <ResponseMetadata><RequestId>\(requestID)</RequestId></ResponseMetadata></\(action)Response>
            """, status: 200, requestID)
    }

    static func failure(_ fault: QueryFault, requestID: String) -> ServiceResponse {
        var response = xml(
            """
            <ErrorResponse xmlns="\(namespace)"><Error><Type>\(fault.status < 500 ? "Sender" : "Receiver")</Type><Code>\(fault.code)</Code>\
            <Message>\(fault.message)</Message></Error><RequestId>\(requestID)</RequestId></ErrorResponse>
            """, status: fault.status, requestID)
        if fault.retryAfter { response.headers["Retry-After"] = "1" }
        return response
    }

    private static func xml(_ document: HTML, status: Int, _ requestID: String) -> ServiceResponse {
        var response = ServiceResponse.text(document.text, status: status, contentType: "text/xml")
        response.headers["x-amzn-RequestId"] = requestID
        return response
    }
}
