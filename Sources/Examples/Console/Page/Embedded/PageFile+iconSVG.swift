// icon.svg of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let iconSVG = PageFile(
        path: "/assets/icon.svg", contentType: "image/svg+xml",
        entityTag: "618957a4277b752b",
        text: #"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#5056d6"/><path d="M7 10h13M11 16h14M14 22h7" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/></svg>

            """#)
}
