// The page and its fragments, which the page asks for again and again.

import ExampleSupport

/// Writes the page of the dashboard. Fragments are the content of an element that stays, so that its polling goes on.
enum DashboardPage {
    /// Events of each of the two lists.
    private static let listedEvents = 8
    private static let listedCommands = 8

    private static func logout(_ user: String) -> HTML {
        "<form id=\"logout\" action=\"/logout\" method=\"post\"><span>\(user)</span> <button>Log out</button></form>\n"
    }

    /// - Parameter user: who has logged in; nil without a login.
    static func page(user: String? = nil, systems: HTML, telemetry: HTML, events: HTML, commands: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Mission dashboard</title>
        <link rel="icon" href="/static/moon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/static/dashboard.css">
        <script src="/static/dashboard.js" defer></script>
        </head>
        <body>
        <header>
        <h1>Apollo 11</h1>
        <time id="clock" title="Universal time"></time>
        <div id="systems" data-refresh="/systems" data-seconds="5">\(systems)</div>
        \(user.map(logout) ?? "")</header>
        <main>
        <section class="wide"><h2>Telemetry</h2><div id="telemetry" data-refresh="/telemetry" data-seconds="5">\(telemetry)</div></section>
        <section><h2>Commands</h2>
        <div class="buttons">
        <button type="button" data-command="START_MISSION">Start mission</button>
        <button type="button" data-command="PAUSE_MISSION">Pause mission</button>
        <button type="button" data-command="RESET_SYSTEM">Reset system</button>
        <button type="button" data-command="EMERGENCY_STOP" class="danger">Emergency stop</button>
        </div>
        <form id="command-form" action="/command" method="post">
        <label for="command">Another command</label>
        <div class="row"><input id="command" name="command" required maxlength="50" autocomplete="off" spellcheck="false">
        <button>Send</button></div>
        </form>
        <p id="result" role="status"></p>
        <div id="commands" data-refresh="/commands" data-seconds="2">\(commands)</div>
        </section>
        <section><h2>Timeline</h2>
        <button type="button" id="add-event">Add event</button>
        <div id="events" data-refresh="/events" data-seconds="10">\(events)</div>
        </section>
        </main>
        <dialog id="event-dialog" aria-labelledby="event-title">
        <form id="event-form" action="/event" method="post">
        <h2 id="event-title">Add event</h2>
        <label>Name <input name="name" required maxlength="200" autocomplete="off"></label>
        <label>Time (UTC) <input name="time" type="datetime-local" required></label>
        <p class="note">At its time the event is sent to the lunar module. One that is named like a command, PAUSE_MISSION, has it executed.</p>
        <p id="event-problem" class="problem" role="alert"></p>
        <div class="row"><button type="button" id="cancel-event">Cancel</button><button>Add</button></div>
        </form>
        </dialog>
        </body>
        </html>

        """
    }

    /// The state of the mission and of its four services.
    static func systems(_ module: ShownModule?, _ services: (telemetry: Bool, timeline: Bool, dispatcher: Bool)) -> HTML {
        let state = module.map { $0.state == "RUNNING" ? "ONLINE" : $0.state } ?? "OFFLINE"
        let parts = [
            ("Lunar module", module != nil), ("Telemetry", services.telemetry), ("Dispatcher", services.dispatcher),
            ("Timeline", services.timeline),
        ]
        let list = parts.map { name, isUp in
            "<li>\(name) \(badge(isUp ? "ONLINE" : "OFFLINE"))</li>" as HTML
        }
        return "<p class=\"status\">Mission Status: \(badge(state))</p><ul class=\"systems\">\(list)</ul>"
    }

    static func telemetry(_ readings: [ShownReading]?) -> HTML {
        let rows = (readings ?? []).map { reading in
            """
            <tr><td>\(time(reading.timestamp))</td><td>\(fixed(reading.position, 2))</td><td>\(fixed(reading.speed, 3))</td>\
            <td>\(badge(reading.status))</td><td>\(time(reading.received))</td></tr>
            """ as HTML
        }
        return """
            \(orbit(readings?.first?.position))
            <table>
            <thead><tr><th>Timestamp</th><th>Position (°)</th><th>Speed (km/s)</th><th>Status</th><th>Received</th></tr></thead>
            <tbody>\(rows)</tbody>
            </table>
            \(note(readings.map { $0.isEmpty ? "No readings yet." : nil } ?? "Telemetry is not available."))
            """
    }

    /// Events that are to come, the next one first, and those that have been, the last one first.
    static func events(_ events: [ShownEvent]?, now: CalendarTime) -> HTML {
        let (upcoming, past) = ((events ?? []).filter { $0.time > now }, (events ?? []).filter { $0.time <= now })
        let items = upcoming.prefix(listedEvents).map { item($0, "Upcoming") }
        let pastItems = past.reversed().prefix(listedEvents).map { item($0, "Completed") }
        return """
            <h3>Next events</h3>
            <ul class="events">\(items)</ul>
            \(note(events == nil ? "The timeline is not available." : upcoming.isEmpty ? "Nothing is planned." : nil))
            <h3>Past events</h3>
            <ul class="events">\(pastItems)</ul>
            """
    }

    static func commands(_ module: ShownModule?) -> HTML {
        let items = (module?.commands ?? []).prefix(listedCommands).map { command in
            """
            <li><span class="name">\(command.type)\(command.event.map { " · \($0)" } ?? "")</span> \(badge(command.status))
            <small>\(time(command.timestamp)) \(command.detail ?? "")</small></li>
            """ as HTML
        }
        let text = module.map { module in
            module.commands.isEmpty ? "No commands yet." : module.queueDepth == 0 ? nil : "\(module.queueDepth) not finished."
        }
        return "<ul class=\"events\">\(items)</ul>\(note(text ?? "The lunar module is not available."))"
    }

    // MARK: Parts

    private static func item(_ event: ShownEvent, _ state: String) -> HTML {
        "<li><span class=\"name\">\(event.name)</span> \(badge(state)) <small>\(time(event.time))</small></li>"
    }

    private static func note(_ text: String?) -> HTML { text.map { "<p class=\"note\">\($0)</p>" } ?? "" }

    private static func badge(_ status: String) -> HTML {
        let kind =
            switch status {
            case "OK", "ONLINE", "COMPLETED": "good"
            case "PENDING", "PROCESSING", "PAUSED", "Upcoming": "waiting"
            case "Completed": "quiet"
            default: "bad"
            }
        return "<span class=\"badge \(kind)\">\(status)</span>"
    }

    /// A time in UTC to the second. The date is a part of its own, which narrow screens leave out where there are many.
    private static func time(_ time: CalendarTime) -> HTML {
        let text = time.isoWithoutZone
        return "<time datetime=\"\(text)Z\"><span class=\"date\">\(text.prefix(10)) </span>\(text.dropFirst(11).prefix(8))</time>"
    }

    /// The module's place on its way round the Moon.
    private static func orbit(_ position: Double?) -> HTML {
        guard let position else { return "" }
        return """
            <svg class="orbit" viewBox="-60 -60 120 120" role="img" aria-label="\(fixed(position, 0)) degrees round the Moon">
            <circle class="path" r="48"/><circle class="moon" r="30"/><circle class="crater" cx="-9" cy="-7" r="7"/>
            <circle class="crater" cx="11" cy="9" r="5"/><circle class="crater" cx="8" cy="-14" r="3"/>
            <circle class="module" cy="-48" r="5" transform="rotate(\(fixed(position, 2)))"/>
            </svg>
            """
    }

    /// Writes a number with so many decimals.
    private static func fixed(_ number: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        guard number.magnitude < 1e12 else { return number.description }
        let scaled = Int((number.magnitude * scale).rounded())
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let text = padded.dropLast(decimals) + (decimals > 0 ? "." + padded.suffix(decimals) : "")
        return (number < 0 && scaled > 0 ? "-" : "") + text
    }
}
