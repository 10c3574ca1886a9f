// Columns of attributes: what they know, what they leave to the records, and that any bytes of a file are read or refused.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct AttributeColumnTests {
    private func column(_ values: [[UInt8]?], room: Int = 1 << 20) -> AttributeColumn {
        var (column, room) = (AttributeColumn(), room)
        for (row, value) in values.enumerated() { value?.withUnsafeBytes { column.set($0, row: row, room: &room) } }
        return column
    }

    private func bytes(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8)] }

    @Test func rowsHaveTheCodesOfTheirValues() {
        let column = column([[1], nil, [2], [1], nil])
        #expect(column.values == [[1], [2]] && Array(column.codes) == [2, 0, 3, 2])
    }

    @Test("an attribute that a record has twice, a long value, and values beyond the bounds are left to the record")
    func whatIsLeftToTheRecord() {
        var (twice, room) = (AttributeColumn(), 1 << 20)
        for value: [UInt8] in [[1], [2]] { value.withUnsafeBytes { twice.set($0, row: 0, room: &room) } }
        #expect(Array(twice.codes) == [AttributeColumn.unknown])
        #expect(column([[UInt8](repeating: 7, count: 257)]).codes.elementsEqual([AttributeColumn.unknown]))
        let many: [[UInt8]?] = (0..<AttributeColumn.maximumValues + 2).map { bytes($0) }
        #expect(column(many).codes.filter { $0 == AttributeColumn.unknown }.count == 2)
        #expect(column(many, room: 1_000).codes.filter { $0 != AttributeColumn.unknown }.count == 15)
    }

    @Test("a column is read as it was written, with codes of one byte and of two", arguments: [3, 254, 255, 4_000])
    func columnIsReadAsItWasWritten(count: Int) throws {
        let written = column((0..<count).map { $0 % 5 == 4 ? nil : bytes($0) })
        let read = try #require(AttributeColumn(values: written.valueBytes, codes: written.codeBytes))
        #expect(read == written)
    }

    @Test("the column of a full shard is read, and no longer one", arguments: [1, 300]) func columnOfAFullShardIsRead(values: Int) throws {
        var (full, room) = (AttributeColumn(), 1 << 20)
        for row in 0..<LogShard.maximumRecords { bytes(row % values).withUnsafeBytes { full.set($0, row: row, room: &room) } }
        let read = try #require(AttributeColumn(values: full.valueBytes, codes: full.codeBytes))
        #expect(read == full && read.codes.count == LogShard.maximumRecords)
        #expect(AttributeColumn(values: full.valueBytes, codes: full.codeBytes + [2, 0]) == nil)
    }

    @Test func anyBytesAreAColumnOrNone() {
        var random = SplitMix64(seed: 9)
        let written = column((0..<300).map { bytes($0) })
        var read = 0
        for _ in 0..<2_000 {
            var (values, codes) = (written.valueBytes, written.codeBytes)
            for _ in 0..<1 + random.next() % 3 {
                if random.next() % 2 == 0 {
                    values[Int(random.next() % UInt64(values.count))] = UInt8(truncatingIfNeeded: random.next())
                } else {
                    codes[Int(random.next() % UInt64(codes.count))] = UInt8(truncatingIfNeeded: random.next())
                }
            }
            if random.next() % 4 == 0 { values.removeLast(Int(random.next() % UInt64(values.count))) }
            if let column = AttributeColumn(values: values, codes: codes) {
                read += 1
                #expect(column.codes.allSatisfy { Int($0) < column.values.count + AttributeColumn.firstCode })
            }
        }
        #expect(read > 0 && read < 2_000)
        #expect(AttributeColumn(values: [], codes: [1]) == nil && AttributeColumn(values: [1], codes: []) == nil)
    }

    @Test func keysBeyondTheBoundHaveNoColumn() throws {
        let records = (0..<AttributeColumns.maximumKeys + 1).map { number in
            ConsoleHarness.Record(attributes: ConsoleHarness.attribute("key\(number)", number)).json
        }
        let json = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#
        let body = try OTLPReceivedRequest.protobuf(ofJSON: Array(json.utf8), .logs, maximumBytes: 1 << 20)
        var (block, columns) = (LogBlock(run: 0, firstNumber: 0), AttributeColumns())
        _ = try block.append(ReceivedBody(body, arrival: 1))
        for row in 0..<block.count {
            #expect(columns.isComplete)
            block.withMessage(row) { columns.append($0, row: row) }
        }
        #expect(!columns.isComplete && columns.keys.count == AttributeColumns.maximumKeys)
        #expect(columns.column(of: "key63") != nil && columns.column(of: "key64") == nil)
        #expect(columns.messages.values.count == 1 && columns.messages.codes.count == records.count)
    }
}
