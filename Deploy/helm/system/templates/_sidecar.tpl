{{/* "true" if a service has a sidecar: (dict "root" $ "name" name "service" service). */}}
{{- define "system.sidecar" -}}
{{- if and .root.Values.sidecar.enabled (dig "sidecar" true .service) -}}true{{- end -}}
{{- end }}

{{/* The names of the services that a service calls by mutual TLS, or by which it is called so (callers), each with a blank behind it. */}}
{{- define "system.mesh" -}}
{{- $root := .root }}
{{- $own := .name }}
{{- $callers := .callers }}
{{- if and $root.Values.sidecar.mutualTLS.enabled (eq (include "system.sidecar" .) "true") }}
{{- range $other, $service := $root.Values.services }}
{{- $calls := ternary $service.calls (get $root.Values.services $own).calls $callers | default list }}
{{- if and (has (ternary $own $other $callers) $calls) (eq (include "system.sidecar" (dict "root" $root "service" $service)) "true") -}}
{{ $other }} {{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The name that a certificate has for a service: (dict "root" $ "name" name). */}}
{{- define "system.identity" -}}
{{- $domain := .root.Values.sidecar.mutualTLS.trustDomain }}
{{- ternary .name (printf "spiffe://%s/ns/%s/sa/%s" $domain .root.Release.Namespace .name) (eq $domain "") -}}
{{- end }}

{{/* A variable of a service: callees behind mutual TLS are reached at the sidecar beside the caller, and a sidecar is one more proxy in front. */}}
{{- define "system.variable" -}}
{{- $value := .value }}
{{- $root := .root }}
{{- range $place, $callee := include "system.mesh" (dict "root" $root "name" .name "service" .service "callers" false) | splitList " " | compact }}
{{- $address := printf "%s:%d" $callee (int (get $root.Values.services $callee).port) }}
{{- $beside := printf "127.0.0.1:%d" (add $root.Values.sidecar.ports.outbound $place) }}
{{- $value = $value | replace (printf "http://%s" $address) (printf "http://%s" $beside) | replace (printf "=%s" $address) (printf "=%s" $beside) }}
{{- end }}
{{- if and (eq .variable "TRUSTED_PROXIES") (eq (include "system.sidecar" .) "true") }}
{{- /* Those in front are services of the system, whose requests come through a sidecar of their own by mutual TLS. */}}
{{- $value = add (int $value) 1 (ternary (int $value) 0 $root.Values.sidecar.mutualTLS.enabled) | toString }}
{{- end }}
{{- $value | quote }}
{{- end }}

{{/* The ports at which the pod of a service takes requests. */}}
{{- define "system.inbound" -}}
{{- $ports := .root.Values.sidecar.ports }}
{{- if eq (include "system.sidecar" .) "true" -}}
- {port: {{ $ports.mesh }}, protocol: TCP}
{{ if include "system.mesh" (merge (dict "callers" true) .) -}}
- {port: {{ $ports.secure }}, protocol: TCP}
{{ end -}}
- {port: {{ .service.port }}, protocol: TCP}
- {port: {{ $ports.admin }}, protocol: TCP}
{{- else -}}
- {port: {{ .service.port }}, protocol: TCP}
{{- end }}
{{- end }}

{{/* The ports at which a service reaches another one, of which some know addresses that they were told. */}}
{{- define "system.outbound" -}}
{{- $ports := .root.Values.sidecar.ports }}
{{- if eq (include "system.sidecar" .) "true" -}}
- {port: {{ $ports.mesh }}, protocol: TCP}
{{- if and .root.Values.sidecar.mutualTLS.enabled .secure }}
- {port: {{ $ports.secure }}, protocol: TCP}
{{- end }}
{{- else -}}
- {port: {{ .service.port }}, protocol: TCP}
{{- end }}
{{- end }}

{{/* What the sidecar of a service passes on. */}}
{{- define "system.sidecarFile" -}}
{{- $root := .root }}
{{- $sidecar := .root.Values.sidecar }}
{{- $callers := include "system.mesh" (merge (dict "callers" true) .) | splitList " " | compact }}
{{- $callees := include "system.mesh" (merge (dict "callers" false) .) | splitList " " | compact -}}
listeners:
  - name: mesh
    address: 0.0.0.0
    port: {{ $sidecar.ports.mesh }}
    trust_forwarded: true
    routes: [{upstream: {{ .name }}}]
  {{- if $callers }}
  - name: secure
    address: 0.0.0.0
    port: {{ $sidecar.ports.secure }}
    trust_forwarded: true
    tls:
      certificate: /etc/mesh/tls.crt
      key: /etc/mesh/tls.key
      client_authorities: /etc/mesh/ca.crt
      client_names:
        {{- range $callers }}
        - {{ include "system.identity" (dict "root" $root "name" .) }}
        {{- end }}
    routes: [{upstream: {{ .name }}}]
  {{- end }}
  {{- range $place, $callee := $callees }}
  - name: to-{{ $callee }}
    port: {{ add $sidecar.ports.outbound $place }}
    trust_forwarded: true
    routes: [{upstream: {{ $callee }}}]
  {{- end }}
upstreams:
  {{ .name }}:
    endpoints: ["127.0.0.1:{{ .service.port }}"]
    timeouts: {connect: {{ $sidecar.timeouts.connect }}, first_byte: {{ $sidecar.timeouts.firstByte }}, idle: {{ $sidecar.timeouts.idle }}}
    retries: {attempts: {{ $sidecar.retries }}}
  {{- range $callees }}
  {{ . }}:
    endpoints: ["{{ . }}:{{ $sidecar.ports.secure }}"]
    tls:
      authorities: /etc/mesh/ca.crt
      certificate: /etc/mesh/tls.crt
      key: /etc/mesh/tls.key
      names: [{{ include "system.identity" (dict "root" $root "name" .) | quote }}]
    timeouts: {connect: {{ $sidecar.timeouts.connect }}, first_byte: {{ $sidecar.timeouts.firstByte }}, idle: {{ $sidecar.timeouts.idle }}}
    retries: {attempts: {{ $sidecar.retries }}}
  {{- end }}
{{- end }}

{{/* The container of the sidecar, which starts before that of the service, and ends after it. */}}
{{- define "system.sidecarContainer" -}}
{{- $values := .root.Values }}
{{- $sidecar := $values.sidecar -}}
- name: sidecar
  image: "{{ $values.image.registry }}/{{ $sidecar.image }}:{{ $values.image.tag | default .root.Chart.AppVersion }}"
  imagePullPolicy: {{ $values.image.pullPolicy }}
  restartPolicy: Always
  ports:
    - name: mesh
      containerPort: {{ $sidecar.ports.mesh }}
    {{- if include "system.mesh" (merge (dict "callers" true) .) }}
    - name: secure
      containerPort: {{ $sidecar.ports.secure }}
    {{- end }}
    - name: admin
      containerPort: {{ $sidecar.ports.admin }}
  env:
    - name: K8S_POD_NAME
      valueFrom: {fieldRef: {fieldPath: metadata.name}}
    - name: K8S_POD_UID
      valueFrom: {fieldRef: {fieldPath: metadata.uid}}
    - name: K8S_NAMESPACE_NAME
      valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
    - name: K8S_NODE_NAME
      valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
    - name: K8S_CONTAINER_NAME
      value: sidecar
    - name: OTEL_SERVICE_NAME
      value: {{ .name }}-sidecar
    - name: OTEL_RESOURCE_ATTRIBUTES
      value: service.namespace={{ $values.system }},service.version={{ $values.image.tag | default .root.Chart.AppVersion }},service.instance.id=$(K8S_POD_NAME)
    - name: OTEL_EXPORTER_OTLP_ENDPOINT
      value: {{ $values.telemetry.endpoint | quote }}
    # Scrapes find one page in each pod, that of the service.
    - name: OTEL_METRICS_EXPORTER
      value: otlp
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
    - name: PORT
      value: {{ $sidecar.ports.admin | quote }}
    - name: SIDECAR_CONFIG
      value: /etc/sidecar/sidecar.yaml
  startupProbe:
    httpGet: {path: /started, port: admin}
    timeoutSeconds: 2
    periodSeconds: 1
    failureThreshold: 60
  livenessProbe:
    httpGet: {path: /health, port: admin}
    timeoutSeconds: 2
    periodSeconds: 10
    failureThreshold: 3
  readinessProbe:
    httpGet: {path: /ready, port: admin}
    timeoutSeconds: 2
    periodSeconds: 5
    failureThreshold: 2
  resources: {{- toYaml $sidecar.resources | nindent 4 }}
  securityContext:
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: {drop: [ALL]}
  volumeMounts:
    - name: sidecar
      mountPath: /etc/sidecar
      readOnly: true
    {{- if $sidecar.mutualTLS.enabled }}
    - name: mesh
      mountPath: /etc/mesh
      readOnly: true
    {{- end }}
{{- end }}
