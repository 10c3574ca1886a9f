// The callbacks of nghttp2, and what they change.

/// What the callbacks of one session change, while its owner calls nghttp2.
final class HTTP2SessionState {
    // Unchecked: while the session's owner or a callback uses one of them, nothing calls nghttp2, and so no other callback.
    @exclusivity(unchecked) var exchange: HTTP2Exchange?
    @exclusivity(unchecked) var output = HTTP2Output()
    /// What the peer has given as the reason of its farewell; nil before it.
    private(set) var farewell: String?
    /// What nghttp2 has said last about the peer.
    var violation: String?
    /// True once the peer has reset the stream of the exchange.
    var isResetByPeer = false

    /// The longest text that is kept of what the peer says in a farewell.
    private static let maximumText = 200

    private static func of(_ pointer: UnsafeMutableRawPointer?) -> HTTP2SessionState? {
        pointer.map { Unmanaged<HTTP2SessionState>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Returns the state if a frame belongs to its exchange.
    private static func of(
        _ pointer: UnsafeMutableRawPointer?, _ frame: UnsafeRawPointer?
    ) -> (state: HTTP2SessionState, head: NGHTTP2.FrameHead)? {
        guard let state = of(pointer), let head = frame?.load(as: NGHTTP2.FrameHead.self) else { return nil }
        return state.exchange?.streamID == head.streamID ? (state, head) : nil
    }

    /// Sets the callbacks of a client.
    static func set(_ callbacks: OpaquePointer?, _ library: NGHTTP2) {
        library.setHeader(callbacks) { _, frame, name, nameCount, value, valueCount, _, pointer in
            guard let (state, _) = HTTP2SessionState.of(pointer, frame) else { return 0 }
            let isTaken = state.exchange?.takeField(
                UnsafeBufferPointer(start: name, count: nameCount), UnsafeBufferPointer(start: value, count: valueCount))
            guard isTaken == false else { return 0 }
            state.violation = "the header fields of its answer are too large"
            return NGHTTP2.Constant.callbackFailure
        }
        library.setFrameReceived(callbacks) { _, frame, pointer in
            if let state = HTTP2SessionState.of(pointer), let frame, frame.load(as: NGHTTP2.FrameHead.self).type == NGHTTP2.Constant.goAway
            {
                state.noteFarewell(frame.load(as: NGHTTP2.GoAway.self))
            }
            guard let (state, head) = HTTP2SessionState.of(pointer, frame) else { return 0 }
            let isLast = head.flags & NGHTTP2.Constant.endStream != 0
            if head.type == NGHTTP2.Constant.headers { state.exchange?.endFields(isLast: isLast) }
            if head.type == NGHTTP2.Constant.resetStream { state.isResetByPeer = true }
            if head.type == NGHTTP2.Constant.data, isLast { state.exchange?.endContent() }
            return 0
        }
        library.setDataChunk(callbacks) { _, _, streamID, bytes, count, pointer in
            guard let state = HTTP2SessionState.of(pointer), state.exchange?.streamID == streamID else { return 0 }
            guard state.exchange?.takeContent(UnsafeBufferPointer(start: bytes, count: count)) == false else { return 0 }
            return NGHTTP2.Constant.callbackFailure
        }
        library.setStreamClose(callbacks) { _, streamID, code, pointer in
            if let state = HTTP2SessionState.of(pointer), state.exchange?.streamID == streamID { state.exchange?.close(code) }
            return 0
        }
        library.setSendData(callbacks) { _, _, head, count, _, pointer in
            guard let state = HTTP2SessionState.of(pointer) else { return NGHTTP2.Constant.callbackFailure }
            state.output.append(UnsafeRawBufferPointer(start: head, count: HTTP2SessionState.frameHeadBytes))
            state.appendContent(count)
            return 0
        }
        library.setError(callbacks) { _, _, text, count, pointer in
            guard let state = HTTP2SessionState.of(pointer), let text else { return 0 }
            state.violation = HTTP2SessionState.readableText(UnsafeRawBufferPointer(start: text, count: count))
            return 0
        }
    }

    private static let frameHeadBytes = 9

    /// Tells nghttp2 how much the next DATA frame carries of the body, which is not copied.
    static let readBody: NGHTTP2.ReadCallback = { _, streamID, _, maximum, flags, _, pointer in
        guard let state = HTTP2SessionState.of(pointer), let exchange = state.exchange, exchange.streamID == streamID else {
            return Int(NGHTTP2.Constant.callbackFailure)
        }
        let count = min(maximum, exchange.remainingBytes)
        flags?.pointee |= NGHTTP2.Constant.withoutCopy
        if count == exchange.remainingBytes { flags?.pointee |= NGHTTP2.Constant.endOfData }
        return count
    }

    private func appendContent(_ count: Int) {
        exchange?.take(count, into: &output)
    }

    private func noteFarewell(_ frame: NGHTTP2.GoAway) {
        let text = Self.readableText(UnsafeRawBufferPointer(start: frame.debugData, count: frame.debugCount))
        farewell = HTTP2ErrorCode.name(frame.errorCode) + (text.isEmpty ? "" : ", \(text)")
    }

    private static func readableText(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix(maximumText).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: " ") }, as: UTF8.self)
    }
}
