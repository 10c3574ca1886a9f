// The callbacks of nghttp2 for servers, and what they change.

/// What the callbacks of one server's session change, while its owner calls nghttp2.
final class HTTP2ServerState {
    var streams: [Int32: HTTP2ServerStream] = [:]
    /// What has happened since the owner asked last, in order.
    var events: [HTTP2ServerEvent] = []
    /// What nghttp2 has said last about the peer.
    private(set) var violation: String?
    private let library: NGHTTP2
    private let limits: HTTPLimits

    private static let maximumText = 200

    init(_ library: NGHTTP2, _ limits: HTTPLimits) {
        (self.library, self.limits) = (library, limits)
    }

    private static func of(_ pointer: UnsafeMutableRawPointer?) -> HTTP2ServerState? {
        pointer.map { Unmanaged<HTTP2ServerState>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func of(
        _ pointer: UnsafeMutableRawPointer?, _ frame: UnsafeRawPointer?
    ) -> (state: HTTP2ServerState, head: NGHTTP2.FrameHead)? {
        guard let state = of(pointer), let head = frame?.load(as: NGHTTP2.FrameHead.self) else { return nil }
        return (state, head)
    }

    /// Sets the callbacks of a server.
    static func set(_ callbacks: OpaquePointer?, _ library: NGHTTP2) {
        library.setBeginHeaders(callbacks) { _, frame, pointer in
            guard let (state, head) = HTTP2ServerState.of(pointer, frame), head.type == NGHTTP2.Constant.headers else { return 0 }
            state.begin(head.streamID)
            return 0
        }
        library.setHeader(callbacks) { _, frame, name, nameCount, value, valueCount, _, pointer in
            guard let (state, head) = HTTP2ServerState.of(pointer, frame), head.type == NGHTTP2.Constant.headers else { return 0 }
            state.streams[head.streamID]?.takeField(
                UnsafeBufferPointer(start: name, count: nameCount), UnsafeBufferPointer(start: value, count: valueCount), state.limits)
            return 0
        }
        library.setFrameReceived(callbacks) { _, frame, pointer in
            guard let (state, head) = HTTP2ServerState.of(pointer, frame) else { return 0 }
            let isLast = head.flags & NGHTTP2.Constant.endStream != 0
            switch head.type {
            case NGHTTP2.Constant.headers: state.endFields(head.streamID, isLast: isLast)
            case NGHTTP2.Constant.data where isLast: state.end(head.streamID)
            case NGHTTP2.Constant.resetStream: state.events.append(.resetByPeer(head.streamID))
            default: break
            }
            return 0
        }
        library.setDataChunk(callbacks) { _, _, streamID, bytes, count, pointer in
            guard let state = HTTP2ServerState.of(pointer), state.streams[streamID] != nil else { return 0 }
            state.streams[streamID]?.takeContent(UnsafeBufferPointer(start: bytes, count: count), state.limits)
            // One event for all parts that come one after another.
            if state.events.last != .content(streamID) { state.events.append(.content(streamID)) }
            return 0
        }
        library.setStreamClose(callbacks) { _, streamID, _, pointer in
            guard let state = HTTP2ServerState.of(pointer), state.streams.removeValue(forKey: streamID) != nil else { return 0 }
            state.events.append(.closed(streamID))
            return 0
        }
        library.setError(callbacks) { _, _, text, count, pointer in
            guard let state = HTTP2ServerState.of(pointer), let text else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: text, count: count).prefix(HTTP2ServerState.maximumText)
            state.violation = String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: " ") }, as: UTF8.self)
            return 0
        }
    }

    /// Notes that a block of fields has begun: the head of a request, or its trailers.
    private func begin(_ streamID: Int32) {
        guard streams[streamID] == nil else { return }
        streams[streamID] = HTTP2ServerStream()
        events.append(.begun(streamID))
    }

    private func endFields(_ streamID: Int32, isLast: Bool) {
        guard streams[streamID] != nil else { return }
        streams[streamID]?.endHead()
        events.append(.head(streamID))
        if isLast { end(streamID) }
    }

    private func end(_ streamID: Int32) {
        guard streams[streamID] != nil else { return }
        streams[streamID]?.end()
        events.append(.complete(streamID))
    }

    /// Tells nghttp2 the next part of a response's body; the trailers follow the last one.
    static let readAnswer: NGHTTP2.ReadCallback = { session, streamID, bytes, maximum, flags, _, pointer in
        guard let state = HTTP2ServerState.of(pointer), state.streams[streamID] != nil else {
            return Int(NGHTTP2.Constant.streamFailure)
        }
        let room = UnsafeMutableRawBufferPointer(start: bytes, count: maximum)
        guard let (count, isLast) = state.streams[streamID]?.readAnswer(into: room) else { return Int(NGHTTP2.Constant.streamFailure) }
        guard isLast else { return count }
        flags?.pointee |= NGHTTP2.Constant.endOfData
        if let trailers = state.streams[streamID]?.trailers, !trailers.isEmpty {
            flags?.pointee |= NGHTTP2.Constant.withoutEndStream
            let status = NGHTTP2.withFields(trailers) { state.library.submitTrailer(session, streamID, $0.baseAddress, $0.count) }
            if status != 0 { return Int(NGHTTP2.Constant.streamFailure) }
        }
        return count
    }
}
