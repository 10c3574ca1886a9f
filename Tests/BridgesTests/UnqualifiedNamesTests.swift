// A file that imports the packages of the bridges and names every public type of the library without its module.

import CoreMetrics
import Foundation
import Instrumentation
import Logging
import Metrics
import ServiceContextModule
import ServiceLifecycle
import Telemetry
import Testing
import Tracing

struct UnqualifiedNamesTests {
    /// Types whose names other packages have taken too are named by their alias.
    @Test func everyPublicTypeIsNamedUnqualifiedBesideThePackagesOfTheBridges() throws {
        let types: [Any.Type] = [
            Aggregation.self, AlwaysOffSampler.self, AlwaysOnSampler.self, AlwaysRecordSampler.self, AttributeKeySelection.self,
            AttributeLiteral.self, AttributeValue.self, (any AttributeValueConvertible).self, Attributes.self, B3Propagator.self,
            Baggage.self, BatchLogProcessor.self, BatchOptions.self, BatchSpanProcessor.self, BoundCounter<Int>.self,
            BoundGauge<Int>.self, BoundHistogram<Int>.self, BoundUpDownCounter<Int>.self, CallbackRegistration.self,
            (any CarrierGetter).self, (any CarrierReader).self, (any CarrierSetter).self, (any CarrierWriter).self,
            ComposableAlwaysOff.self, ComposableAlwaysOn.self, ComposableAnnotating.self, ComposableParentThreshold.self,
            ComposableProbability.self, ComposableRequest.self, ComposableRuleBased.self, (any ComposableSampler).self,
            CompositePropagator.self, CompositeSampler.self, ConfigurationError.self, ConsoleLogExporter.self,
            ConsoleMetricExporter.self, ConsoleSpanExporter.self, ContainerResourceDetector.self, Context.self,
            ContextKey<Int>.self, ConvertibleAttributeLiteral.self, TelemetryCounter<Int>.self, Deadline.self, Diagnostic.self,
            Diagnostics.self, DropReason.self,
            (any EndingSpanProcessor).self, EnvironmentCarrier.self, ExceptionSignal.self, Exemplar.self,
            ExemplarFilter.self, (any ExemplarReservoir).self, ExemplarReservoirChoice.self, ExponentialHistogramPoint.self,
            ExportFailure.self, FileRotation.self, FlushResult.self, TelemetryGauge<Int>.self, HTTPClientMetrics.self,
            TelemetryHTTPClientRequest.self, HTTPClientSpan.self, HTTPConventions.self, HTTPOutcome.self, HTTPServerMetrics.self,
            HTTPServerRequest.self, HTTPServerSpan.self, Histogram<Int>.self, HistogramPoint.self, HostResourceDetector.self,
            (any IDGenerator).self, InMemoryLogExporter.self, InMemoryMetricExporter.self, InMemorySpanExporter.self,
            InstrumentKind.self, InstrumentSelector.self, InstrumentationScope.self, JSONLevels.self, JSONLineField.self,
            JSONLineFormat.self, JSONLineTarget.self, JSONLineTime.self, JSONLinesLogExporter.self, JaegerPropagator.self,
            JaegerRemoteSampler.self, KubernetesResourceDetector.self, LogBatch.self, (any LogExporter).self, LogOptions.self,
            (any LogProcessor).self, LogRecord.self, LogRecordLimits.self, LogSeverity.self, LoggerConfiguration.self,
            LoggerConfigurator.self, ManualClock.self, (any MeasurementValue).self, TelemetryMeter.self, MeterConfiguration.self,
            MeterConfigurator.self, MetricBatch.self, MetricCollectionError.self, MetricCollector.self, MetricData.self,
            (any MetricExporter).self, (any MetricFilter).self, MetricFilterVerdict.self, MetricIdentity.self, MetricNumber.self,
            MetricObservations.self, MetricObserver<Int>.self, MetricOptions.self, MetricPoints.self, (any MetricProducer).self,
            (any MetricReader).self, MetricReaderOptions.self, MetricView.self, MixedAttributeLiteral.self, MixedAttributeValue.self,
            NoOpPropagator.self, NumberPoint.self,
            OSResourceDetector.self, OTLPCertificateFiles.self, OTLPCompression.self, OTLPEncoding.self,
            OTLPFileLogExporter.self, OTLPFileMetricExporter.self, OTLPFileSpanExporter.self, OTLPFileTarget.self,
            OTLPLogExporter.self, OTLPMetricExporter.self, OTLPOptions.self, OTLPSpanExporter.self,
            OTLPLoadBalancing.self, AddressPolicy.self,
            ObservableCounter<Int>.self, ObservableUpDownCounter<Int>.self, ObservableGauge<Int>.self,
            ObservableInstrument<Int>.self, OpenCensusBinaryPropagator.self, ParentBasedSampler.self, PeriodicMetricReader.self,
            PipelineHealth.self, ProbabilitySampler.self, ProcessMetrics.self, ProcessResourceDetector.self,
            PrometheusEscaping.self, PrometheusExporter.self, PrometheusFormat.self, PrometheusOptions.self, PrometheusPage.self,
            PrometheusResourceLabels.self, PrometheusTranslationStrategy.self, (any Propagator).self, Propagators.self,
            PullMetricReader.self, RatioSampler.self, ReadWriteLogRecord.self, ReadableLogRecord.self, ReadableSpan.self,
            Resource.self, (any ResourceDetector).self, RetryPolicy.self, (any Sampler).self, SamplingDecision.self,
            SamplingIntent.self, SamplingRequest.self, SamplingRule.self, SamplingThreshold.self, (any ScopeConfiguration).self,
            ScopeConfigurator<MeterConfiguration>.self, ScopeMetrics.self, ServiceResourceDetector.self, SimpleLogProcessor.self,
            SimpleSpanProcessor.self, SpanBatch.self, SpanContext.self, TelemetrySpanEvent.self, SpanEventLogProcessor.self,
            (any SpanExporter).self, SpanID.self, TelemetrySpanKind.self, SpanLimits.self, TelemetrySpanLink.self,
            SpanOptions.self, (any SpanProcessor).self, TelemetrySpanStatus.self, SpoolOptions.self, SummaryPoint.self,
            TelemetryClock.self, TelemetryHealth.self, TelemetryLogger.self, TelemetrySystem.self, Temporality.self,
            TemporalityPreference.self, Timestamp.self, TraceFlags.self, TraceID.self, TraceSpan.self, TraceState.self,
            TelemetryTracer.self, TracerConfiguration.self, TracerConfigurator.self, UpDownCounter<Int>.self,
            ViewMatchingMode.self, W3CBaggagePropagator.self, W3CTraceContextPropagator.self, DatabaseClientMetrics.self,
            DatabaseClientSpan.self, DatabaseEndpoint.self, DatabaseOperation.self, DatabasePoolMetrics.self, DatabaseSystem.self,
            SQLDialect.self, SQLStatement.self, (any EnvironmentConfigurable).self, EnvironmentReader.self, ExporterComponent.self,
            ExporterStatus.self, (any ReportingExporter).self, SemanticAttributes.self, SemanticMetrics.self, ByteMessageHeaders.self,
            MessagingCorrelation.self, MessagingMetrics.self, MessagingOperation.self, MessagingSpan.self, MessagingSystem.self,
            TypedMessageAttributes.self, ComponentProviders.self, ConfigurationProblem.self, ConfigurationProperties.self,
            TelemetryConfiguration.self, (any TelemetryComponent).self,
            TypedMessageAttributes.self, RateLimitedSampler.self, XRayIDGenerator.self, XRayPropagator.self,
            TypedMessageAttributes.self, ContextAttributeSelection.self,
            EC2ResourceDetector.self, ECSResourceDetector.self, EKSResourceDetector.self, GCPResourceDetector.self,
            AzureResourceDetector.self, HerokuResourceDetector.self, FlyResourceDetector.self,
            EntityResourceDetector.self, ResourceEntity.self,
            RPCCall.self, RPCSystem.self, RPCSpan.self, RPCMetrics.self, GenAIOperation.self, GenAIProvider.self, GenAIResponse.self,
            GenAISpan.self, GenAIContents.self, GenAIMetrics.self,
        ]
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let files = try #require(
            FileManager.default.enumerator(at: root.appending(path: "Sources/Telemetry"), includingPropertiesForKeys: nil))
        let declaration = /(?m)^(?:@\w+(?:\(.*\))? )*public (?:final |indirect |nonisolated )*(?:struct|class|enum|protocol|actor) (\w+)/
        // It cannot be copied, and so is no element.
        func take(_ span: borrowing EndingSpan) {}
        let named = Set(types.map { String(describing: $0).replacing("any ", with: "").prefix { $0 != "<" } } + ["EndingSpan"])
        var missing: [Substring] = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let declared = try String(contentsOf: file, encoding: .utf8).matches(of: declaration).map(\.1)
            missing += declared.filter { !named.contains($0) }
        }
        #expect(missing == [], "Name these above, or give them an alias if the compiler finds them ambiguous.")
    }
}
