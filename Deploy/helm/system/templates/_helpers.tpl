{{/* The labels of a service's objects: (dict "root" $ "name" name "service" service). */}}
{{- define "system.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: {{ .root.Values.system }}
app.kubernetes.io/component: {{ .service.image }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "system.selector" -}}
app.kubernetes.io/name: {{ .name }}
{{- end }}

{{/* The variables of a service: what an operator would inject, its stores, its own, its secrets. */}}
{{- define "system.environment" -}}
{{- $values := .root.Values }}
{{- if eq $values.telemetry.injection "downward" }}
- name: K8S_POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: K8S_POD_UID
  valueFrom: {fieldRef: {fieldPath: metadata.uid}}
- name: K8S_NAMESPACE_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: K8S_NODE_NAME
  valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
- name: K8S_CONTAINER_NAME
  value: {{ .name }}
- name: OTEL_SERVICE_NAME
  value: {{ .name }}
- name: OTEL_RESOURCE_ATTRIBUTES
  # Spaceports and ships have a version of their own.
  value: service.namespace={{ $values.system }},{{ if not (hasKey (.service.environment | default dict) "VERSION") }}service.version={{ $values.image.tag | default .root.Chart.AppVersion }},{{ end }}service.instance.id=$(K8S_POD_NAME)
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $values.telemetry.endpoint | quote }}
{{- end }}
- name: OTEL_METRICS_EXPORTER
  value: {{ $values.telemetry.metricsExporter | quote }}
- name: OTEL_LOGS_EXPORTER
  value: {{ $values.telemetry.logsExporter | quote }}
- name: SELF_METRICS
  value: {{ ternary "on" "off" $values.telemetry.selfMetrics | quote }}
{{- with $values.telemetry.sampler }}
- name: OTEL_TRACES_SAMPLER
  value: {{ . | quote }}
{{- end }}
{{- with $values.telemetry.samplerArgument }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ . | quote }}
{{- end }}
{{- if .service.database }}
- name: DATABASE_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $values.database.existingSecret }}, key: {{ $values.database.passwordKey }}}}
- name: DATABASE_URL
  value: postgres://{{ $values.database.user }}:$(DATABASE_PASSWORD)@{{ $values.database.host }}:{{ $values.database.port }}/{{ .service.database }}
- name: DATABASE_POOL
  value: {{ $values.database.pool | quote }}
- name: DATABASE_TIMEOUT
  value: {{ $values.database.timeoutMilliseconds | quote }}
{{- end }}
{{- if .service.redis }}
- name: REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $values.redis.existingSecret }}, key: {{ $values.redis.passwordKey }}}}
- name: REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ $values.redis.host }}:{{ $values.redis.port }}/0
{{- end }}
{{- $context := . }}
{{- range $name, $value := .service.environment }}
- name: {{ $name }}
  value: {{ include "system.variable" (merge (dict "variable" $name "value" $value) $context) }}
{{- end }}
{{- range $name, $key := .service.secrets }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $values.secret }}, key: {{ $key }}}}
{{- end }}
{{- end }}
