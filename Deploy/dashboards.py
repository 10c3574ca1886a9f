"""The dashboards of Grafana as code: rows of panels, each with the question that it answers."""

RATE = "[$__rate_interval]"
REQUESTS = "http_server_request_duration_seconds"
GREEN, YELLOW, RED = "green", "#EAB839", "red"


def target(expression, legend="", instant=False, form="time_series"):
    return {"expr": expression, "legendFormat": legend, "instant": instant, "range": not instant, "format": form}


def panel(title, question, *targets, unit="short", kind="timeseries", width=8, steps=None, stacked=False):
    """Returns a panel; `steps` are pairs of a lower bound and its colour."""
    thresholds = [{"color": GREEN, "value": None}] + [{"color": color, "value": value} for value, color in steps or []]
    defaults = {"unit": unit, "min": 0, "thresholds": {"mode": "absolute", "steps": thresholds}}
    answer = {"title": title, "description": question, "type": kind, "targets": [], "width": width}
    if kind == "timeseries":
        defaults["custom"] = {
            "lineWidth": 1, "fillOpacity": 12, "showPoints": "never", "stacking": {"mode": "normal" if stacked else "none"},
            "thresholdsStyle": {"mode": "line" if steps else "off"}}
        answer["options"] = {"legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]}, "tooltip": {
            "mode": "multi", "sort": "desc"}}
    elif kind == "stat":
        answer["options"] = {"colorMode": "background" if steps else "value", "reduceOptions": {"calcs": ["lastNotNull"]}}
    elif kind == "heatmap":
        answer["options"] = {"calculate": False, "yAxis": {"unit": unit}, "exemplars": {"color": "rgba(255,0,255,0.7)"}}
    elif kind == "table":
        answer["transformations"] = [{"id": "organize", "options": {"excludeByName": {"Time": True}}}]
    answer["fieldConfig"] = {"defaults": defaults, "overrides": []}
    for letter, one in zip("ABCDEFGH", targets):
        answer["targets"].append({"refId": letter, "datasource": {"type": "prometheus", "uid": "prometheus"}, "exemplar": kind != "stat", **one})
    return answer


def dashboard(uid, title, question, rows, variables=(), system=None):
    """Lays out rows of panels, 24 columns wide."""
    panels, y, number = [], 0, 1
    for name, contents in rows:
        panels.append({"id": number, "type": "row", "title": name, "collapsed": False, "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "panels": []})
        number, y, x, height = number + 1, y + 1, 0, 0
        for one in contents:
            width, tall = one["width"], 4 if one["type"] == "stat" else 8
            if x + width > 24:
                x, y, height = 0, y + height, 0
            one = {key: value for key, value in one.items() if key != "width"}
            panels.append({
                "id": number, "datasource": {"type": "prometheus", "uid": "prometheus"},
                "gridPos": {"x": x, "y": y, "w": width, "h": tall}, **one})
            number, x, height = number + 1, x + width, max(height, tall)
        y += height
    return {
        "uid": uid, "title": title, "description": question, "tags": ["telemetry"] + ([system] if system else []), "editable": False,
        "schemaVersion": 41, "version": 1, "refresh": "15s", "time": {"from": "now-1h", "to": "now"}, "timezone": "browser",
        "graphTooltip": 1, "templating": {"list": [variable(*one) for one in variables]}, "annotations": {"list": [
            {"name": "Alerts", "datasource": {"type": "prometheus", "uid": "prometheus"}, "enable": True, "iconColor": RED,
             "expr": 'ALERTS{alertstate="firing"}', "titleFormat": "{{alertname}} {{job}}"}]},
        "links": [{"type": "dashboards", "tags": ["telemetry"], "asDropdown": True, "title": "Dashboards", "includeVars": True, "keepTime": True}],
        "panels": panels,
    }


def variable(name, query):
    return {
        "name": name, "type": "query", "datasource": {"type": "prometheus", "uid": "prometheus"}, "query": {"query": query, "refId": name},
        "definition": query, "includeAll": True, "multi": True, "allValue": ".+", "current": {"text": "All", "value": "$__all"}, "refresh": 2,
        "sort": 1}


def share(part, whole):
    """Returns a share that is 0 where there is no part, and nothing where there is no whole."""
    return f"({part} or 0 * {whole}) / {whole}"


def quantile(rank, metric, selector, by=()):
    return f"histogram_quantile({rank}, sum by ({', '.join(('le', *by))}) (rate({metric}_bucket{{{selector}}}{RATE})))"


def quantiles(metric, selector):
    return [target(quantile(rank, metric, selector), name) for rank, name in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")]]


def total(metric, selector="", by="", window=RATE):
    grouping = f" by ({by})" if by else ""
    return f"sum{grouping} (rate({metric}{{{selector}}}{window}))"


def red(selector, by="job"):
    """The panels of rate, errors and duration; scrapes and probes are no requests of users."""
    users = f'{selector}, http_route!~"/metrics|/status|/health|/ready|/started"'
    failed = f'{users}, http_response_status_code=~"5.."'
    count = REQUESTS + "_count"
    return [
        panel("Requests", "How much is asked of each service?", target(total(count, users, by), "{{job}}"), unit="reqps"),
        panel(
            "Server errors", "Which share of the requests fails by the service's own fault?",
            target(share(total(count, failed, by), total(count, users, by)), "{{job}}"), unit="percentunit", steps=[(0.01, YELLOW), (0.05, RED)]),
        panel(
            "Duration, 95th percentile", "How long do the slowest five in a hundred wait?",
            target(quantile(0.95, REQUESTS, users, (by,)), "{{job}}"), unit="s", steps=[(0.5, YELLOW), (2, RED)]),
    ]


def services():
    own = 'job=~"$job", system=~"$system"'
    users = own + ', http_route!~"/metrics|/status|/health|/ready|/started"'
    count = REQUESTS + "_count"
    return dashboard(
        "telemetry-services", "Services", "Are the services up, and how do they answer?",
        [
            ("Health", [
                panel("Up", "How many instances answer scrapes?", target(f"sum(up{{{own}}})", instant=True), kind="stat", width=4),
                panel(
                    "Down", "How many do not?", target(f"count(up{{{own}}} == 0) or vector(0)", instant=True), kind="stat", width=4,
                    steps=[(1, RED)]),
                panel("Requests", "How much is asked altogether?", target(total(count, users)), kind="stat", width=4, unit="reqps"),
                panel(
                    "Server errors", "Which share fails?",
                    target(share(f'sum(rate({count}{{{users}, http_response_status_code=~"5.."}}{RATE}))', total(count, users))), kind="stat",
                    width=4, unit="percentunit", steps=[(0.01, YELLOW), (0.05, RED)]),
                panel(
                    "95th percentile", "How long do the slowest five in a hundred wait?", target(quantile(0.95, REQUESTS, users)), kind="stat",
                    width=4, unit="s", steps=[(0.5, YELLOW), (2, RED)]),
                panel("In flight", "How much is in progress?", target(f"sum(http_server_active_requests{{{own}}})"), kind="stat", width=4),
            ]),
            ("Rate, errors, duration", red(own)),
            ("Routes", [
                panel(
                    "Durations", "Do all requests take alike, or are there two kinds?",
                    target(f"sum by (le) (increase({REQUESTS}_bucket{{{users}}}{RATE}))", "{{le}}", form="heatmap"), kind="heatmap", unit="s"),
                panel("Percentiles", "How far is the usual request from the slowest?", *quantiles(REQUESTS, users), unit="s"),
                panel(
                    "Status codes", "What are callers told?", target(total(count, users, "http_response_status_code"),
                    "{{http_response_status_code}}"), unit="reqps", stacked=True),
                panel(
                    "Busiest routes", "What is asked most?",
                    target(f"topk(10, {total(count, users, 'job, http_request_method, http_route')})", instant=True, form="table"), kind="table",
                    unit="reqps", width=12),
                panel(
                    "Slowest routes", "Which route takes longest?",
                    target(f"topk(10, {quantile(0.95, REQUESTS, users, ('job', 'http_route'))})", instant=True, form="table"), kind="table",
                    unit="s", width=12),
            ]),
            ("Calls to others", [
                panel(
                    "Calls", "Whom do the services call, and how often?",
                    target(total("http_client_request_duration_seconds_count", own, "job, server_address, server_port"),
                    "{{job}} → {{server_address}}:{{server_port}}"), unit="reqps", width=12),
                panel(
                    "Duration of calls, 95th percentile", "Who lets them wait?",
                    target(quantile(0.95, "http_client_request_duration_seconds", own, ("job", "server_address", "server_port")),
                    "{{job}} → {{server_address}}:{{server_port}}"), unit="s", width=12),
            ]),
        ], [("system", "label_values(up, system)"), ("job", 'label_values(up{system=~"$system"}, job)')])


def albums():
    own = 'system="albums"'
    return dashboard(
        "telemetry-albums", "Albums", "How is the album store used, and does it refuse requests?",
        [
            ("Rate, errors, duration", red(own)),
            ("Albums", [
                panel("Albums on the shelf", "How many albums are there?", target("max(albums_stored)"), kind="stat", width=6),
                panel("Albums added", "How many are added?", target(total("albums_created_total"), "added"), width=9),
                panel(
                    "Limits", "Does a limit let requests in, or refuse them?",
                    target(total("requests_accepted_total", by="limit"), "accepted, {{limit}}"),
                    target(total("requests_refused_total", by="limit"), "refused, {{limit}}"), unit="reqps", width=9),
            ]),
            ("Database", database_panels(own)),
        ], system="albums")


def database_panels(own):
    duration = "db_client_operation_duration_seconds"
    return [
        panel(
            "Statements", "What is the database asked?", target(total(duration + "_count", own, "job, db_operation_name"),
            "{{job}} {{db_operation_name}}"), unit="ops"),
        panel(
            "Duration of statements, 95th percentile", "Is the database slow?", target(quantile(0.95, duration, own, ("job",)), "{{job}}"),
            unit="s"),
        panel(
            "Failed statements", "Does the database fail?", target(total(duration + "_count", own + ', error_type!=""', "job, error_type"),
            "{{job}} {{error_type}}"), unit="ops"),
    ]


def tweets():
    own = 'system="tweets"'
    return dashboard(
        "telemetry-tweets", "Tweets", "Who tweets, who likes, and does logging in work?",
        [
            ("Business", [
                panel(
                    "Tweets by user", "How often does each user post? The counter has at most a thousand users; the rest share one series.",
                    target("topk(10, " + total("tweet_service_tweet_counter", by="user_id") + ")", "user {{user_id}}"), unit="short"),
                panel("Tweets and retweets", "How much is posted altogether?", target(total("tweet_service_tweet_counter"), "tweets"), target(
                    total("tweet_service_retweet_counter"), "retweets")),
                panel(
                    "Likes by variant", "Do users with the experiment like more?",
                    target(total("tweet_experiment_likes_total", by="experiment_like"), "{{experiment_like}}")),
            ]),
            ("Experiment", [
                panel(
                    "Duration by variant, 95th percentile", "Does the variant make requests slower?",
                    target(quantile(0.95, "tweet_experiment_request_duration_seconds", "", ("experiment_like",)), "{{experiment_like}}"), unit="s", width=12),
                panel(
                    "Requests by variant", "Are there enough requests of each to judge?",
                    target(total("tweet_experiment_request_duration_seconds_count", by="experiment_like"), "{{experiment_like}}"), unit="reqps", width=12),
            ]),
            ("Users", [
                panel(
                    "Registrations and logins", "Do registering and logging in succeed?",
                    target(total("auth_service_register_total_counter"), "registrations begun"),
                    target(total("auth_service_register_success_counter"), "registered"),
                    target(total("auth_service_login_total_counter"), "logins begun"),
                    target(total("auth_service_login_success_counter"), "logged in"), width=12),
                panel(
                    "Token checks", "How many tokens are checked, how many are good?", target(total("auth_service_token_total_counter"), "checked"),
                    target(total("auth_service_token_success_counter"), "good"), width=12),
            ]),
            ("Rate, errors, duration", red(own)),
            ("Database", database_panels(own)),
        ], system="tweets")


def spaceports():
    own = 'system="spaceports"'
    return dashboard(
        "telemetry-spaceports", "Spaceports", "Who docks where, and does the ledger know of it?",
        [
            ("Docks", [
                panel("Ships at the docks", "How full is each spaceport?", target("sum by (job) (currently_docked)", "{{job}}")),
                panel("Passengers", "How many people are there?", target("sum by (job) (current_passengers)", "{{job}}")),
                panel(
                    "Passengers of a ship", "How large are the ships that come?", *quantiles("passenger_arrivals", "")),
                panel(
                    "Codes and what became of them", "How many codes lead to a dock?", target(total("docking_authorization_total"), "docking codes"),
                    target(total("docked_total"), "docked"), target(total("separation_authorization_total"), "separation codes"), target(
                    total("separated_total"), "separated"), width=24),
            ]),
            ("Ledger", [
                panel("Events", "What do spaceports report?", target(total("ledger_events_total", by="outcome"), "{{outcome}}"), width=12),
                panel(
                    "Repeated and rejected", "Is something sent again, or not understood?", target(total("ledger_events_duplicate_total"), "repeated"),
                    target(total("ledger_events_rejected_total"), "rejected"), width=12),
            ]),
            ("Rate, errors, duration", red(own)),
            ("Database", database_panels(own)),
        ], system="spaceports")


def apollo11():
    own = 'system="apollo11"'
    return dashboard(
        "telemetry-apollo11", "Apollo 11", "Do readings arrive, and are commands executed?",
        [
            ("Readings", [
                panel("Readings", "Do all readings arrive that are taken?", target(total("readings_sent_total"), "sent"), target(
                    total("readings_received_total", by="repeated"), "received, repeated {{repeated}}"), width=12),
                panel("Failures", "Why do readings not arrive?", target(total("send_failures_total", by="reason"), "{{reason}}"), width=12),
            ]),
            ("Commands", [
                panel("Commands that wait", "Does the module keep up?", target("sum(queue_depth)", "waiting"), steps=[(100, YELLOW), (1000, RED)]),
                panel(
                    "Time to execution", "How long from the button to the deed?", *quantiles("command_latency_seconds", ""), unit="s"),
                panel(
                    "Outcomes", "Which commands fail?", target(total("command_latency_seconds_count", by="command_type, status"),
                    "{{command_type}} {{status}}")),
                panel(
                    "Events launched", "Do events become commands?", target(total("events_launched_total"), "launched"),
                    target(total("launch_failures_total"), "failed"), width=24),
            ]),
            ("Rate, errors, duration", red(own)),
            ("Database", database_panels(own)),
        ], system="apollo11")


def hello_world():
    own = 'system="hello-world"'
    return dashboard(
        "telemetry-hello-world", "Hello world", "Are messages published and delivered, and do users get in?",
        [
            ("Publishing", [
                panel("Messages published", "How many messages, and how many fail?", target(total("sns_publish_total", by="status"), "{{status}}")),
                panel(
                    "Share that succeeds", "Can messages be published?",
                    target(share(total("sns_publish_total", 'status="success"'), total("sns_publish_total")), "succeeds"), unit="percentunit"),
                panel("Duration of publishing", "How long does the notification service take?", *quantiles("sns_publish_duration_seconds", ""), unit="s"),
            ]),
            ("Delivery", [
                panel("Deliveries", "How do attempts end?", target(total("sns_deliveries_total", by="outcome"), "{{outcome}}"), width=12),
                panel("Messages that wait", "Does a subscriber hold up the queue?", target("sum(sns_delivery_queue)", "waiting"), width=6, steps=[(
                    100, YELLOW), (1000, RED)]),
                panel("Accepted by topic", "Which topics are used?", target(total("sns_published_total", by="topic"), "{{topic}}"), width=6),
            ]),
            ("Users and books", [
                panel(
                    "Attempts to log in", "Do users get in, and by what way?", target(total("auth_attempts_total", by="type, status"),
                    "{{type}} {{status}}")),
                panel("Active sessions", "How many are logged in?", target("max(active_sessions_total)"), kind="stat", width=4, steps=[(100, YELLOW), (
                    500, RED)]),
                panel("Books", "How many books are kept?", target("max(total_books_total)"), kind="stat", width=4),
                panel("Operations on books", "What is done with books?", target(total("books_operations_total", by="operation, status"),
                    "{{operation}} {{status}}")),
            ]),
            ("As the originals count requests", [
                panel("Requests by route", "What is asked?", target(total("http_requests_total", by="job, route"), "{{job}} {{route}}"), unit="reqps"),
                panel(
                    "Duration, 95th percentile", "How long does it take?",
                    target(quantile(0.95, "http_request_duration_seconds", "", ("job",)), "{{job}}"), unit="s", steps=[(0.5, YELLOW), (2, RED)]),
                panel("Connections", "How much is in progress?", target("sum by (job) (active_connections)", "{{job}}")),
            ]),
            ("Rate, errors, duration", red(own)),
            ("Database", database_panels(own)),
        ], system="hello-world")


def runtime():
    own = 'job=~"$job", system=~"$system"'
    return dashboard(
        "telemetry-runtime", "Runtime", "What do the processes take of the machine?",
        [
            ("Processor and memory", [
                panel("Processor", "How many cores does each take?", target(total("process_cpu_time_seconds_total", own, "job"), "{{job}}")),
                panel("Memory", "Does one grow without end?", target(f"max by (job) (process_memory_usage_bytes{{{own}}})", "{{job}}"), unit="bytes"),
                panel("Threads", "Does one start threads without end?", target(f"max by (job) (process_thread_count{{{own}}})", "{{job}}")),
            ]),
            ("System", [
                panel(
                    "File descriptors", "Does one leave files or connections open?",
                    target(f"max by (job) (process_unix_file_descriptor_count{{{own}}})", "{{job}}")),
                panel("Context switches", "Is there contention?", target(total(
                    "process_context_switches_total", own, "job, process_context_switch_type"), "{{job}} {{process_context_switch_type}}"), unit="ops"),
                panel("Disk", "What is read and written?", target(total("process_disk_io_bytes_total", own, "job, disk_io_direction"),
                    "{{job}} {{disk_io_direction}}"), unit="Bps"),
                panel("Uptime", "Which process was started anew?", target(f"min by (job) (process_uptime_seconds{{{own}}})", "{{job}}"), unit="s", width=12),
                panel(
                    "Connections of databases", "Is a pool too small?",
                    target(f"sum by (job, db_client_connection_state) (db_client_connection_count{{{own}}})", "{{job}} {{db_client_connection_state}}"),
                    target(f"sum by (job) (db_client_connection_pending_requests{{{own}}})", "{{job}} waiting"), width=12),
            ]),
        ], [("system", "label_values(up, system)"), ("job", 'label_values(up{system=~"$system"}, job)')])


def pipeline():
    spans = "otel_sdk_processor_span_processed_total"
    return dashboard(
        "telemetry-pipeline", "Telemetry pipeline", "Does what is recorded arrive, and where is it lost?",
        [
            ("In the services", [
                panel("Spans started", "How much is recorded?", target(total("otel_sdk_span_started_total", by="job"), "{{job}}"), unit="ops"),
                panel(
                    "Lost before export", "Is a queue too short, or the receiver too slow?", target(total(spans, 'error_type!=""', "job, error_type"),
                    "{{job}} {{error_type}}"), unit="ops", steps=[(0.001, RED)]),
                panel("Queues", "How full are the queues?", target("max by (job) (otel_sdk_processor_span_queue_size)", "{{job}}")),
                panel(
                    "Exported", "What is delivered, what is refused?", target(total("otel_sdk_exporter_span_exported_total", by="job, error_type"),
                    "{{job}} {{error_type}}"), unit="ops", width=12),
                panel(
                    "Duration of exports, 95th percentile", "How long does the collector take?",
                    target(quantile(0.95, "otel_sdk_exporter_operation_duration_seconds", "", ("job",)), "{{job}}"), unit="s", width=12),
            ]),
            ("In the collector", [
                panel(
                    "Received", "What comes in?", target(total("otelcol_receiver_accepted_spans_total", by="transport"), "spans, {{transport}}"),
                    target(total("otelcol_receiver_accepted_log_records_total", by="transport"), "log records, {{transport}}"), unit="ops"),
                panel(
                    "Refused", "Does it turn senders away?", target(total("otelcol_receiver_refused_spans_total", by="transport"),
                    "spans, {{transport}}"), unit="ops", steps=[(0.001, RED)]),
                panel("Sent on", "What goes out?", target(total("otelcol_exporter_sent_spans_total", by="exporter"), "spans, {{exporter}}"), target(
                    total("otelcol_exporter_sent_log_records_total", by="exporter"), "log records, {{exporter}}"), unit="ops"),
                panel(
                    "Failed", "Does a backend refuse?", target(total("otelcol_exporter_send_failed_spans_total", by="exporter"), "{{exporter}}"),
                    unit="ops", steps=[(0.001, RED)]),
                panel(
                    "Queues", "Does a backend lag behind?", target(
                    "max by (exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)", "{{exporter}}"), unit="percentunit", steps=[(
                    0.5, YELLOW), (0.8, RED)]),
                panel("Memory", "Will the memory limiter step in?", target("max(otelcol_process_memory_rss_bytes)", "resident"), unit="bytes"),
            ]),
            ("Out of spans", [
                panel(
                    "Calls by service", "What do spans say of services without metrics of their own?",
                    target(total("traces_span_metrics_calls_total", by="service_name, status_code"), "{{service_name}} {{status_code}}"), unit="ops",
                    width=12),
                panel("Duration, 95th percentile", "And how long do they take?", target(quantile(
                    0.95, "traces_span_metrics_duration_seconds", "", ("service_name",)), "{{service_name}}"), unit="s", width=12),
            ]),
        ])


def availability():
    return dashboard(
        "telemetry-availability", "Availability", "Can the services be reached from outside, and how much of the error budget is left?",
        [
            ("Probes", [
                panel("Reachable", "Which probe fails right now?", target('min by (instance) (probe_success{job="probes"})', "{{instance}}"), width=12),
                panel("Duration of probes", "How long does an answer take?", target('max by (instance) (probe_duration_seconds{job="probes"})',
                    "{{instance}}"), unit="s", width=12),
                panel(
                    "Availability over a day", "How often did each answer?", target('avg by (instance) (avg_over_time(probe_success{job="probes"}[1d]))',
                    instant=True, form="table"), kind="table", unit="percentunit", width=12),
                panel(
                    "Certificates", "When does one expire?", target('min by (instance) (probe_ssl_earliest_cert_expiry{job="probes"} - time())',
                    "{{instance}}"), unit="s", width=12),
            ]),
            ("Objective: 99.5 % of the requests succeed", [
                panel(
                    "Error budget left, 30 days", "May something risky be deployed?",
                    target("1 - job:http_server_errors:ratio30d / 0.005", "{{job}}"), unit="percentunit", width=12),
                panel(
                    "Burn rate", "How many times too fast is it used up? 14.4 uses a month's budget in two days.",
                    target("job:http_server_errors:ratio1h / 0.005", "{{job}}"), steps=[(1, YELLOW), (14.4, RED)], width=12),
            ]),
        ])


def all_of(systems):
    drawn = {
        "services": services(), "albums": albums(), "tweets": tweets(), "spaceports": spaceports(), "apollo11": apollo11(),
        "hello-world": hello_world(), "runtime": runtime(), "pipeline": pipeline(), "availability": availability(),
    }
    missing = [system for system in systems if system not in drawn]
    if missing:
        raise SystemExit("no dashboard for " + ", ".join(missing))
    return drawn
