// Markup with texts from outside.

import Testing

@testable import ExampleSupport

struct HTMLTests {
    @Test func textsAreEscapedAndMarkupIsNot() {
        let name = #"<b title="it's">&"#
        let cell: HTML = "<td title=\"\(name)\">\(name)</td>"
        let escaped = "&lt;b title=&quot;it&#39;s&quot;&gt;&amp;"
        #expect(cell.text == "<td title=\"\(escaped)\">\(escaped)</td>")
        #expect(("<tr>\([cell, cell])\(cell)\(7)</tr>" as HTML).text == "<tr>\(cell.text)\(cell.text)\(cell.text)7</tr>")
    }
}
