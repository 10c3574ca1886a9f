// Container identifiers in control groups and mounts of the runtimes.

import Testing

@testable import Telemetry

struct ContainerResourceDetectorTests {
    private static func sources(groups: String? = nil, mounts: String? = nil, environment: [String: String] = [:]) -> ResourceSources {
        let files = ["/proc/self/cgroup": groups, "/proc/self/mountinfo": mounts].compactMapValues { $0 }
        return ResourceSources(contents: { files[$0] }, environment: EnvironmentReader(environment))
    }

    private static func identifier(groups: String? = nil, mounts: String? = nil, environment: [String: String] = [:]) -> String? {
        ContainerResourceDetector().detect(in: sources(groups: groups, mounts: mounts, environment: environment)).attributes[
            "container.id"]?.stringValue
    }

    private static let identifier = "713a77a26fe2a38ebebd5709604a048c3d380db1eb16aa43aca0b2499e54733c"

    @Test(
        arguments: [
            // Docker, by itself and under systemd.
            "9:memory:/docker/\(identifier)", "1:name=systemd:/system.slice/docker-\(identifier).scope",
            // Docker in Docker: the inner one.
            "4:cpu:/docker/05c48c82caff3be3d7f1e896981dd410e81487538936914f32b624d168de9db0/docker/\(identifier)",
            // containerd under systemd, since version 1.5, and nerdctl.
            "11:perf_event:/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod4415fd05_2c0f_4533_909b_f2180dca8d7c.slice/cri-containerd-\(identifier).scope",
            "11:devices:/system.slice/containerd.service/kubepods-pod87a18a64_b74a_454a_b10b_a4a36059d0a3.slice:cri-containerd:\(identifier)",
            "2:pids:/default/\(identifier)",
            // CRI-O, and the kubelet's own driver.
            "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod8f215fa2_6177_4ab9_b1f4_c802d19657bc.slice/crio-\(identifier).scope",
            "3:cpu,cpuacct:/kubepods/burstable/podb9b3d1e8-6a1c-4f1c-8e2a-0c1f5a2d3e4f/\(identifier)",
            // Podman: the process may be in a group below the container's.
            "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(identifier).scope/container",
            "1:name=systemd:/machine.slice/libpod-\(identifier).scope",
        ])
    func lastIdentifierInControlGroupPathIsTheContainer(line: String) {
        #expect(Self.identifier(groups: "12:rdma:/\n\(line)\n0::/\n") == Self.identifier)
    }

    @Test func ecsTaskIdentifierIsRecognised() {
        let task = "/ecs/55091c13-b8cf-4801-b527-f4601742204d/34dc0b5e626f2c5c4c5170e34b10e765-1234567890"
        #expect(Self.identifier(groups: "9:perf_event:\(task)") == "34dc0b5e626f2c5c4c5170e34b10e765-1234567890")
    }

    @Test(
        arguments: [
            "", "0::/", "0::/\n", "//", "1:name=systemd:/user.slice/user-0.slice/session-31207.scope",
            "13:name=systemd:/podruntime/docker/kubepods/ac679f8a8319c8cf7d38e1adf263bc08d23zzzz",
            "13:name=systemd:/podruntime/docker/kubepods/ac679f8.a8319c8cf7d38e1adf263bc08-d23zzzz",
            "4:memory:/group/e89ecc44088e957a888ed2d9988d9491", "0::/docker/\(identifier)0", "0::/docker/\(identifier.uppercased())",
        ])
    func hostControlGroupsGiveNoIdentifier(groups: String) {
        let found = ContainerResourceDetector().detect(in: Self.sources(groups: groups, mounts: "22 27 0:21 / /proc rw - proc proc rw"))
        #expect(found == .empty)
        #expect(ContainerResourceDetector().detect(in: Self.sources()) == .empty)
    }

    /// Mounts of containers without identifiers in control groups, shortened to relevant and some irrelevant lines.
    @Test(
        arguments: [
            (
                "be522444b60caf2d3934b8b24b916a8a314f4b68d4595aa419874657e8d103f2",
                """
                456 375 0:143 / / rw,relatime master:175 - overlay overlay rw,upperdir=/var/lib/docker/overlay2/3ef3e5a1a87b4e220c1da9a7901654e945b0ef5398e1b67fccb42fdb7750829e/diff
                469 468 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
                472 456 254:1 /docker/containers/be522444b60caf2d3934b8b24b916a8a314f4b68d4595aa419874657e8d103f2/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw
                473 456 254:1 /docker/containers/be522444b60caf2d3934b8b24b916a8a314f4b68d4595aa419874657e8d103f2/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw
                """
            ),
            (
                "f2a44bc8e090f93a2b4d7f510bdaff0615ad52906e3287ee956dcf5aa5012a91",
                """
                2009 2008 0:32 /system.slice/containerd.service/kubepods-burstable-pod321c09bf_282b_44e4_a467_39daf144ef1f.slice:cri-containerd:f2a44bc8e090f93a2b4d7f510bdaff0615ad52906e3287ee956dcf5aa5012a91 /sys/fs/cgroup/systemd ro,nosuid master:11 - cgroup cgroup rw,xattr,name=systemd
                2023 2002 253:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/b136f3d296b4c2024b3e7ad816f2a804a47cf1acc3d445075c6d78cf159ef58d/hostname /etc/hostname rw,relatime - xfs /dev/mapper/root rw
                """
            ),
            (
                "a8f62e52ed7c2cd85242dcf0eb1d727b643540ceca7f328ad7d2f31aedf07731",
                """
                10309 10308 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,seclabel
                10312 10303 0:25 /containers/storage/overlay-containers/2ac4c84cb0d3c3beb04beeef6ccf71c17b5fdd0252ce3a2b66bc2fdd0aaa1814/userdata/hostname /etc/hostname rw,nosuid,nodev master:15 - tmpfs tmpfs rw
                10315 10305 252:4 /var/lib/kubelet/pods/0a947273-7214-4824-8411-875ebd7626e4/containers/ubuntu23/354653d0 /dev/termination-log rw,relatime - xfs /dev/vda4 rw
                10316 10303 0:25 /containers/storage/overlay-containers/a8f62e52ed7c2cd85242dcf0eb1d727b643540ceca7f328ad7d2f31aedf07731/userdata/run/secrets /run/secrets rw,nosuid,nodev - tmpfs tmpfs rw
                """
            ),
            (
                "f23ec1d4b715c6531a17e9c549222fbbe1f7ffff697a29a2212b3b4cdc37f52e",
                """
                7282 7281 0:27 /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod8f215fa2_6177_4ab9_b1f4_c802d19657bc.slice/crio-f23ec1d4b715c6531a17e9c549222fbbe1f7ffff697a29a2212b3b4cdc37f52e.scope /sys/fs/cgroup/systemd ro,nosuid master:9 - cgroup cgroup rw
                """
            ),
            (
                "2a33efc76e519c137fe6093179653788bed6162d4a15e5131c8e835c968afbe6",
                """
                961 812 0:58 / / ro,relatime - overlay overlay rw,upperdir=/home/d/.local/share/containers/storage/overlay/a73044caca1b918335d1db6f0052d21d35045136f3aa86976dbad1ec96e2fdde/diff
                980 963 0:56 /containers/overlay-containers/2a33efc76e519c137fe6093179653788bed6162d4a15e5131c8e835c968afbe6/userdata/.containerenv /run/.containerenv ro,nosuid - tmpfs tmpfs rw,size=783888k
                """
            ),
        ] as [(String, String)])
    func mountsIdentifyTheContainerWithoutControlGroup(expected: String, mounts: String) {
        #expect(Self.identifier(groups: "0::/", mounts: mounts) == expected)
    }

    private static let pause = "0badc0de" + String(repeating: "0", count: 56)

    /// The files of a container's network, which lie in the folder of a container of Docker.
    private static func networkFiles(of container: String) -> [String] {
        ["hostname", "hosts", "resolv.conf"].map { file in
            "472 456 254:1 /var/lib/docker/containers/\(container)/\(file) /etc/\(file) rw,relatime - ext4 /dev/vda1 rw"
        }
    }

    @Test(arguments: [
        "480 456 254:1 /var/lib/kubelet/pods/0a947273-7214-4824-8411-875ebd7626e4/etc-hosts /etc/hosts rw - ext4 /dev/vda1 rw",
        "481 456 254:1 /data/kubelet/pods/0a947273-7214-4824-8411-875ebd7626e4/containers/app/354653d0 /dev/termination-log rw - ext4 /dev/vda1 rw",
        "482 456 254:1 /var/lib/kubelet/pods/0a94727372144824841187_5ebd7626e4/volumes/x /x rw - ext4 /dev/vda1 rw",
        "483 456 0:90 / /run/secrets/kubernetes.io/serviceaccount ro - tmpfs tmpfs rw",
    ])
    func networkFilesOfPauseContainerGiveNoIdentifierInPod(kubelet: String) {
        let files = Self.networkFiles(of: Self.pause)
        #expect(Self.identifier(groups: "0::/", mounts: (files + [kubelet]).joined(separator: "\n")) == nil)
        #expect(Self.identifier(groups: "0::/", mounts: ([kubelet] + files).joined(separator: "\n")) == nil)
        #expect(
            Self.identifier(groups: "0::/", mounts: files.joined(separator: "\n")) == Self.pause, "Without Kubernetes it is the container.")
    }

    @Test func networkFilesGiveNoIdentifierWhereVariableNamesKubernetes() {
        let mounts = Self.networkFiles(of: Self.pause).joined(separator: "\n")
        #expect(Self.identifier(groups: "0::/", mounts: mounts, environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) == nil)
        #expect(Self.identifier(groups: "0::/", mounts: mounts, environment: ["KUBERNETES_SERVICE_HOST": " "]) == Self.pause)
        let groups = "0::/kubepods/pod8f215fa2_6177_4ab9_b1f4_c802d19657bc/\(Self.identifier)"
        #expect(Self.identifier(groups: groups, mounts: mounts, environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) == Self.identifier)
    }

    @Test func ownFilesBeatNetworkFilesWhateverTheOrderOfLines() {
        let folder = "/containers/storage/overlay-containers/\(Self.identifier)/userdata"
        let own = [
            "980 963 0:56 \(folder)/.containerenv /run/.containerenv ro,nosuid - tmpfs tmpfs rw",
            "981 963 0:56 \(folder)/run/secrets /run/secrets ro,nosuid - tmpfs tmpfs rw",
        ]
        let kubelet = "480 456 254:1 /var/lib/kubelet/pods/0a947273-7214-4824-8411-875ebd7626e4/etc-hosts /etc/hosts rw - ext4 /dev/vda1 rw"
        for line in own {
            for others in [Self.networkFiles(of: Self.pause), Self.networkFiles(of: Self.pause) + [kubelet]] {
                #expect(Self.identifier(groups: "0::/", mounts: ([line] + others).joined(separator: "\n")) == Self.identifier)
                #expect(Self.identifier(groups: "0::/", mounts: (others + [line]).joined(separator: "\n")) == Self.identifier)
            }
        }
    }

    @Test func networkFilesOfSeveralContainersGiveNoIdentifier() {
        // As with Podman's `--network container:…`, where the host name is the container's own and the other files belong to the other container.
        let files = [Self.networkFiles(of: Self.identifier)[0]] + Self.networkFiles(of: Self.pause)[1...]
        #expect(Self.identifier(groups: "0::/", mounts: files.joined(separator: "\n")) == nil)
        #expect(Self.identifier(groups: "0::/", mounts: files.reversed().joined(separator: "\n")) == nil)
    }

    /// Numbers as Linux 6.18 gives them: in a network of its own, in that of a container that was started before, in that of the host.
    @Test(arguments: [(39, 40, true), (41, 40, false), (39, 22, false)])
    func networkFilesGiveNoIdentifierWhereNetworkIsOlderThanContainer(proc: Int, sysfs: Int, isOwn: Bool) {
        let mounts =
            [
                "719 714 0:\(proc) / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw",
                "722 714 0:\(sysfs) / /sys ro,nosuid,nodev,noexec,relatime shared:1 master:7 - sysfs sysfs ro",
            ] + Self.networkFiles(of: Self.identifier)
        #expect(Self.identifier(groups: "0::/", mounts: mounts.joined(separator: "\n")) == (isOwn ? Self.identifier : nil))
        #expect(Self.identifier(groups: "0::/", mounts: mounts.reversed().joined(separator: "\n")) == (isOwn ? Self.identifier : nil))
    }

    @Test func randomTextIsParsed() {
        var generator = SplitMix64(seed: 155)
        let pieces = ["/", ":", "-", ".", " ", "\n", "0", "containers", Self.identifier, "/etc/hosts", "pod", "pods", "é", "\0"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            if let found = Self.identifier(groups: text, mounts: text) { #expect(found == Self.identifier) }
            _ = KubernetesResourceDetector.pod(inMounts: text)
            _ = KubernetesResourceDetector.pod(inGroups: text)
            _ = OSResourceDetector.fields(of: text)
        }
    }
}
