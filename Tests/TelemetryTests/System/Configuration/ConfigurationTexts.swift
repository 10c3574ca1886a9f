// Configurations that several tests read.

@testable import Telemetry

enum ConfigurationTexts {
    /// True if the system has libyaml.
    static let hasYAML = if case .success = LibYAML.system { true } else { false }

    /// Each type of the schema that this SDK has something for.
    static let complete = """
        file_format: "1.1"
        disabled: false
        log_level: warn2
        attribute_limits:
          attribute_value_length_limit: 4096
          attribute_value_depth_limit: 8
          attribute_count_limit: 100
        resource:
          attributes:
            - name: service.name
              value: ${SHOP_NAME:-shop}
            - {name: ready, value: true, type: bool}
            - {name: rank, value: 3, type: int}
            - {name: weight, value: 2, type: double}
            - {name: tags, value: [a, b], type: string_array}
            - {name: flags, value: [true, false], type: bool_array}
            - {name: ranks, value: [1, 2], type: int_array}
            - {name: weights, value: [1.5, 2], type: double_array}
            - {name: nothing, value: }
          attributes_list: "team=jazz%2Cblues,service.name=other"
          schema_url: https://opentelemetry.io/schemas/1.30.0
          detection/development:
            attributes:
              included: [process.*, host.name]
              excluded: [process.owner]
            detectors:
              - host:
              - process:
              - container:
              - service:
        propagator:
          composite:
            - tracecontext:
            - b3multi:
          composite_list: "baggage,tracecontext,jaeger"
        tracer_provider:
          processors:
            - batch:
                schedule_delay: 100
                export_timeout: 0
                max_queue_size: 64
                max_export_batch_size: 16
                exporter:
                  otlp_http:
                    endpoint: http://collector:4318/v1/traces
                    tls:
                      ca_file: /etc/ca.pem
                    headers:
                      - {name: api-key, value: "1234"}
                      - {name: left-out, value: }
                    headers_list: "x-tenant=albums,API-Key=other"
                    compression: gzip
                    timeout: 0
                    max_request_size: 0
                    max_response_size: 1000
                    encoding: json
            - simple:
                exporter:
                  console:
          limits:
            attribute_value_length_limit: 512
            attribute_count_limit: 64
            event_count_limit: 5
            link_count_limit: 6
            event_attribute_count_limit: 7
            link_attribute_count_limit: 8
          sampler:
            parent_based:
              root:
                composite/development:
                  rule_based:
                    rules:
                      - attribute_values: {key: http.route, values: [/healthz, /livez]}
                        sampler: {always_off: }
                      - attribute_patterns: {key: url.path, included: [/internal/*], excluded: [/internal/special/*]}
                        span_kinds: [server, client]
                        parent: [none, remote]
                        sampler: {always_on: }
                      - sampler:
                          parent_threshold:
                            root: {probability: {ratio: 0.25}}
              local_parent_not_sampled:
                always_record:
                  root: {trace_id_ratio_based: {ratio: 0.5}}
              remote_parent_sampled: {probability/development: {ratio: 1}}
          id_generator: {random: }
          tracer_configurator/development:
            default_config: {enabled: false}
            tracers:
              - name: shop.*
                config: {enabled: true}
        meter_provider:
          readers:
            - periodic:
                interval: 5000
                timeout: 0
                max_export_batch_size/development: 300
                exporter:
                  otlp_grpc:
                    endpoint: collector:4317
                    tls: {insecure: true}
                    temporality_preference: low_memory
                    default_histogram_aggregation: base2_exponential_bucket_histogram
                cardinality_limits: {default: 100, counter: 7}
            - pull:
                exporter:
                  prometheus/development:
                    host: 127.0.0.1
                    port: 0
                    scope_info_enabled: false
                    target_info_enabled/development: false
                    resource_constant_labels: {included: [service*], excluded: [service.attr1]}
                    translation_strategy: no_translation/development
          views:
            - selector:
                instrument_name: my_instrument
                instrument_type: histogram
                unit: ms
                meter_name: my-meter
                meter_version: 1.0.0
                meter_schema_url: https://opentelemetry.io/schemas/1.16.0
              stream:
                name: new_name
                description: new_description
                aggregation:
                  explicit_bucket_histogram: {boundaries: [0.0, 5, 10], record_min_max: false}
                aggregation_cardinality_limit: 50
                attribute_keys: {included: [http.*], excluded: [http.secret]}
            - selector: {instrument_name: "debug.*"}
              stream: {aggregation: {drop: }}
          exemplar_filter: always_off
          meter_configurator/development:
            meters:
              - name: noisy
                config: {enabled: false}
        logger_provider:
          processors:
            - batch:
                exporter:
                  otlp_file/development: {output_stream: "file:///var/log/records.jsonl"}
            - event_to_span_event_bridge/development:
          limits: {attribute_count_limit: 9}
          logger_configurator/development:
            loggers:
              - name: audit
                config: {minimum_severity: error3, trace_based: true}
        instrumentation/development:
          general:
            http:
              semconv: {version: 1, experimental: true, dual_emit: false}
              client:
                request_captured_headers: [Content-Type, Accept]
                response_captured_headers: [ETag]
                known_methods: [GET, PROPFIND]
              server:
                request_captured_headers: [X-Request-ID]
                known_methods: []
            db: {semconv: {experimental: true}}
            code: {}
            gen_ai: {semconv: {}}
            rpc: {semconv: {experimental: true}}
            messaging: {}
            sanitization: {url: {sensitive_query_parameters: [sig, token]}}
            stability_opt_in_list: http,database
          java: {example: {property: value}}
          swift:
            example: {property: value}
            swift-telemetry:
              trust_forwarded_headers: false
              http_server_metrics: [active_requests, server_address]
              http_client_metrics: [request_body_size, response_body_size, scheme, url_template]
              database_returned_rows: false
              gen_ai_messages: true
        distribution:
          swift-telemetry: {self_metrics: true}
          other-vendor: {anything: 1}

        """

    /// A file whose tracer provider has the lines given, indented by two.
    static func tracing(_ lines: String, exporter: String = "console: ") -> String {
        let indented = lines.split(separator: "\n").map { "  \($0)\n" }.joined()
        return "file_format: \"1.1\"\ntracer_provider:\n  processors:\n    - simple:\n        exporter: {\(exporter)}\n\(indented)"
    }
}
