// The attributes of containers and their orchestration: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `container.*`.
    public enum Container {
        /// The identifier of the container. (String, stable.)
        @inlinable public static var id: String { "container.id" }

        /// The name of the container in its runtime. (String, development.)
        @inlinable public static var name: String { "container.name" }

        /// The identifier of the image. (String, development.)
        @inlinable public static var imageID: String { "container.image.id" }

        /// The name of the image. (String, stable.)
        @inlinable public static var imageName: String { "container.image.name" }

        /// The tags of the image. ([String], stable.)
        @inlinable public static var imageTags: String { "container.image.tags" }

        /// The digests of the image in its registries. ([String], stable.)
        @inlinable public static var imageRepoDigests: String { "container.image.repo_digests" }

        /// The value of a label, by its name. (String, development.)
        @inlinable public static func label(_ key: String) -> String { "container.label.\(key)" }

        /// The command that started the container. (String, development.)
        @inlinable public static var command: String { "container.command" }

        /// The command with its arguments, which may hold secrets. ([String], development.)
        @inlinable public static var commandArgs: String { "container.command_args" }

        /// The command line, which may hold secrets. (String, development.)
        @inlinable public static var commandLine: String { "container.command_line" }

        /// The name of the container runtime. (String, development.)
        @inlinable public static var runtimeName: String { "container.runtime.name" }

        /// The version of the container runtime. (String, development.)
        @inlinable public static var runtimeVersion: String { "container.runtime.version" }

        /// What else there is to say about the container runtime. (String, development.)
        @inlinable public static var runtimeDescription: String { "container.runtime.description" }
    }

    /// The keys `k8s.*`.
    public enum Kubernetes {
        /// The name of the cluster. (String, stable.)
        @inlinable public static var clusterName: String { "k8s.cluster.name" }

        /// The identifier of the cluster: that of its namespace `kube-system`. (String, stable.)
        @inlinable public static var clusterUID: String { "k8s.cluster.uid" }

        /// The namespace of the pod. (String, stable.)
        @inlinable public static var namespaceName: String { "k8s.namespace.name" }

        /// The name of the node. (String, stable.)
        @inlinable public static var nodeName: String { "k8s.node.name" }

        /// The identifier of the node. (String, stable.)
        @inlinable public static var nodeUID: String { "k8s.node.uid" }

        /// The name of the pod. (String, stable.)
        @inlinable public static var podName: String { "k8s.pod.name" }

        /// The identifier of the pod. (String, stable.)
        @inlinable public static var podUID: String { "k8s.pod.uid" }

        /// The host name of the pod. (String, stable.)
        @inlinable public static var podHostname: String { "k8s.pod.hostname" }

        /// The address of the pod. (String, stable.)
        @inlinable public static var podIP: String { "k8s.pod.ip" }

        /// When the pod was started, in ISO 8601. (String, stable.)
        @inlinable public static var podStartTime: String { "k8s.pod.start_time" }

        /// The name of the container in the specification of the pod. (String, stable.)
        @inlinable public static var containerName: String { "k8s.container.name" }

        /// How many times the container was restarted. (Int, stable.)
        @inlinable public static var containerRestartCount: String { "k8s.container.restart_count" }

        /// Why the container ended the last time. (String, development.)
        @inlinable public static var containerStatusLastTerminatedReason: String { "k8s.container.status.last_terminated_reason" }

        /// The name of the deployment. (String, stable.)
        @inlinable public static var deploymentName: String { "k8s.deployment.name" }

        /// The identifier of the deployment. (String, stable.)
        @inlinable public static var deploymentUID: String { "k8s.deployment.uid" }

        /// The name of the replica set. (String, stable.)
        @inlinable public static var replicasetName: String { "k8s.replicaset.name" }

        /// The identifier of the replica set. (String, stable.)
        @inlinable public static var replicasetUID: String { "k8s.replicaset.uid" }

        /// The name of the stateful set. (String, stable.)
        @inlinable public static var statefulsetName: String { "k8s.statefulset.name" }

        /// The identifier of the stateful set. (String, stable.)
        @inlinable public static var statefulsetUID: String { "k8s.statefulset.uid" }

        /// The name of the daemon set. (String, stable.)
        @inlinable public static var daemonsetName: String { "k8s.daemonset.name" }

        /// The identifier of the daemon set. (String, stable.)
        @inlinable public static var daemonsetUID: String { "k8s.daemonset.uid" }

        /// The name of the job. (String, stable.)
        @inlinable public static var jobName: String { "k8s.job.name" }

        /// The identifier of the job. (String, stable.)
        @inlinable public static var jobUID: String { "k8s.job.uid" }

        /// The name of the cron job. (String, stable.)
        @inlinable public static var cronjobName: String { "k8s.cronjob.name" }

        /// The identifier of the cron job. (String, stable.)
        @inlinable public static var cronjobUID: String { "k8s.cronjob.uid" }
    }
}
