// Pod attributes from the downward API and the kubelet.

import Testing

@testable import Telemetry

struct KubernetesResourceDetectorTests {
    private static func found(_ environment: [String: String], files: [String: String] = [:]) -> Resource {
        KubernetesResourceDetector().detect(
            in: ResourceSources(contents: { files[$0] }, environment: EnvironmentReader(environment)))
    }

    @Test func downwardAPIVariablesBecomeAttributes() {
        let resource = Self.found([
            "K8S_POD_NAME": "shop-5b8", "K8S_POD_UID": "u", "K8S_NAMESPACE_NAME": "eu", "K8S_NODE_NAME": "n1", "K8S_NODE_UID": "nu",
            "K8S_CONTAINER_NAME": "app", "K8S_CLUSTER_NAME": "c", "K8S_CLUSTER_UID": "cu", "K8S_DEPLOYMENT_NAME": "shop",
        ])
        #expect(
            resource.attributes == [
                "k8s.pod.name": "shop-5b8", "k8s.pod.uid": "u", "k8s.namespace.name": "eu", "k8s.node.name": "n1", "k8s.node.uid": "nu",
                "k8s.container.name": "app", "k8s.cluster.name": "c", "k8s.cluster.uid": "cu", "k8s.deployment.name": "shop",
            ])
        #expect(resource.schemaURL == Resource.semanticConventions)
    }

    @Test func operatorVariablesBecomeAttributes() {
        let resource = Self.found([
            "OTEL_RESOURCE_ATTRIBUTES_POD_NAME": "p", "OTEL_RESOURCE_ATTRIBUTES_POD_UID": "u", "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME": "n",
        ])
        #expect(resource.attributes == ["k8s.pod.name": "p", "k8s.pod.uid": "u", "k8s.node.name": "n"])
    }

    @Test func commonVariableNamesRequireACluster() {
        let common = ["POD_NAME": "p", "POD_UID": "u", "POD_NAMESPACE": "ns", "NODE_NAME": "n", "CONTAINER_NAME": "c"]
        #expect(Self.found(common) == .empty)
        let inCluster = Self.found(common.merging(["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) { $1 })
        #expect(
            inCluster.attributes == [
                "k8s.pod.name": "p", "k8s.pod.uid": "u", "k8s.namespace.name": "ns", "k8s.node.name": "n", "k8s.container.name": "c",
            ])
    }

    @Test func filesCompleteVariables() {
        let cluster = ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]
        let account = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
        let mounts = """
            2021 2002 253:1 /var/lib/kubelet/pods/321c09bf-282b-44e4-a467-39daf144ef1f/etc-hosts /etc/hosts rw - xfs /dev/root rw
            2022 2004 253:1 /var/lib/kubelet/pods/321c09bf-282b-44e4-a467-39daf144ef1f/containers/accounting/82b03b66 /dev/termination-log rw - xfs /dev/root rw
            """
        let byMounts = Self.found(cluster, files: [account: "default", "/proc/self/mountinfo": mounts])
        #expect(
            byMounts.attributes == [
                "k8s.namespace.name": "default", "k8s.pod.uid": "321c09bf-282b-44e4-a467-39daf144ef1f", "k8s.container.name": "accounting",
            ])
        let byFolder = Self.found(
            cluster, files: ["/etc/podinfo/name": "p\n", "/etc/podinfo/namespace": "ns", "/etc/podinfo/uid": "u", account: "other"])
        #expect(byFolder.attributes == ["k8s.pod.name": "p", "k8s.namespace.name": "ns", "k8s.pod.uid": "u"])
        #expect(Self.found([:], files: [account: "default", "/proc/self/mountinfo": mounts]) == .empty)
    }

    @Test(
        arguments: [
            (
                "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod4415fd05_2c0f_4533_909b_f2180dca8d7c.slice/cri.scope",
                "4415fd05-2c0f-4533-909b-f2180dca8d7c"
            ),
            ("4:cpu:/kubepods/burstable/pod4415fd05-2c0f-4533-909b-f2180dca8d7c/abc", "4415fd05-2c0f-4533-909b-f2180dca8d7c"),
            ("4:cpu:/kubepods/besteffort/pod0123456789abcdef0123456789abcdef/abc", "0123456789abcdef0123456789abcdef"),
            (
                "1:x:/system.slice/containerd.service/kubepods-pod87a18a64_b74a_454a_b10b_a4a36059d0a3.slice:cri-containerd:05c4",
                "87a18a64-b74a-454a-b10b-a4a36059d0a3"
            ),
            ("0::/", nil), ("4:cpu:/kubepods/podshort/abc", nil), ("4:cpu:/docker/abc", nil),
        ] as [(String, String?)])
    func controlGroupIdentifiesThePod(line: String, expected: String?) {
        #expect(KubernetesResourceDetector.pod(inGroups: "9:pids:/\n\(line)\n") == expected)
    }
}
