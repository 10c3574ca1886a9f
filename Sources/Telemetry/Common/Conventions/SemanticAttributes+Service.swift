// The attributes of what produces telemetry: services, their environment and the SDK: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `service.*`.
    public enum Service {
        /// The logical name of the service, the same for all its instances. (String, stable.)
        @inlinable public static var name: String { "service.name" }

        /// The group of services within which the name is unique. (String, stable.)
        @inlinable public static var namespace: String { "service.namespace" }

        /// The version of the service. (String, stable.)
        @inlinable public static var version: String { "service.version" }

        /// What tells instances of the service apart. (String, stable.)
        @inlinable public static var instanceID: String { "service.instance.id" }

        /// How much depends on the service (`critical`, `low`). (String, alpha.)
        @inlinable public static var criticality: String { "service.criticality" }

        /// The name of the service at the other end. (String, development.)
        @inlinable public static var peerName: String { "service.peer.name" }

        /// The namespace of the service at the other end. (String, development.)
        @inlinable public static var peerNamespace: String { "service.peer.namespace" }
    }

    /// The keys `deployment.*`.
    public enum Deployment {
        /// The deployment environment (`production`, `staging`). (String, stable.)
        @inlinable public static var environmentName: String { "deployment.environment.name" }
    }

    /// The keys `telemetry.sdk.*`.
    public enum TelemetrySDK {
        /// The name of the SDK. (String, stable.)
        @inlinable public static var name: String { "telemetry.sdk.name" }

        /// The language of the SDK. (String, stable.)
        @inlinable public static var language: String { "telemetry.sdk.language" }

        /// The version of the SDK. (String, stable.)
        @inlinable public static var version: String { "telemetry.sdk.version" }
    }

    /// The keys `telemetry.distro.*`.
    public enum TelemetryDistro {
        /// The name of the distribution of the SDK. (String, stable.)
        @inlinable public static var name: String { "telemetry.distro.name" }

        /// The version of the distribution. (String, stable.)
        @inlinable public static var version: String { "telemetry.distro.version" }
    }

    /// The keys `otel.*`.
    public enum OTel {
        /// The name of the scope, in formats without one. (String, stable.)
        @inlinable public static var scopeName: String { "otel.scope.name" }

        /// The version of the scope, in formats without one. (String, stable.)
        @inlinable public static var scopeVersion: String { "otel.scope.version" }

        /// The schema URL of the scope, in formats without one. (String, development.)
        @inlinable public static var scopeSchemaURL: String { "otel.scope.schema_url" }

        /// The name of the event, in formats without one. (String, stable.)
        @inlinable public static var eventName: String { "otel.event.name" }

        /// The status `OK` or `ERROR` of a span, in formats without one. (String, stable.)
        @inlinable public static var statusCode: String { "otel.status_code" }

        /// The description of the status, in formats without one. (String, stable.)
        @inlinable public static var statusDescription: String { "otel.status_description" }

        /// The kind of component of the SDK (`batching_span_processor`). (String, development.)
        @inlinable public static var componentType: String { "otel.component.type" }

        /// The component of the SDK, unique in the process. (String, development.)
        @inlinable public static var componentName: String { "otel.component.name" }

        /// Whether the parent of a span is `none`, `local` or `remote`. (String, development.)
        @inlinable public static var spanParentOrigin: String { "otel.span.parent.origin" }

        /// What the sampler decided (`RECORD_AND_SAMPLE`). (String, development.)
        @inlinable public static var spanSamplingResult: String { "otel.span.sampling_result" }
    }
}
