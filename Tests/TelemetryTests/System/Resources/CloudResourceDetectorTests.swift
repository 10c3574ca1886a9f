// What the detectors of clouds find, from scripted metadata services and from variables.

import Testing

@testable import Telemetry

struct CloudResourceDetectorTests {
    /// What a metadata service has: answers by method and target, and the header that a request must have.
    private struct Metadata: Sendable {
        var answers: [String: String]
        var required: (name: String, value: String)?
        var headers = ""

        func answer(_ request: HTTPMessage) -> String {
            let isAllowed = required.map { request.head.method == "PUT" || request.head.headers[$0.name] == $0.value } ?? true
            guard isAllowed, let body = answers["\(request.head.method) \(request.head.target)"] else {
                return "HTTP/1.1 404 Not Found\r\nContent-Length: 16\r\n\r\n<h1>nowhere</h1>"
            }
            return "HTTP/1.1 200 OK\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
    }

    private func found(
        _ detector: some SourcedResourceDetector, _ metadata: Metadata?, _ environment: [String: String] = [:],
        files: [String: String] = [:]
    ) async throws -> [String: AttributeValue] {
        let answer: @Sendable (RawConnection) -> Void = { connection in
            guard let request = connection.nextRequest(), let metadata else { return }
            connection.send(metadata.answer(request))
        }
        let server = try ScriptedServer(answer, answer, answer, answer, answer, answer, answer, answer, answer, answer, answer, answer)
        let port = server.port
        let sources = ResourceSources(
            contents: { files[$0] }, environment: EnvironmentReader(environment), origin: { _ in "http://127.0.0.1:\(port)" },
            patience: RawConnection.patience)
        let resource = await onOwnThread { detector.detect(in: sources) }
        #expect(resource.schemaURL == (resource.attributes.isEmpty ? "" : Resource.semanticConventions))
        return resource.attributes.dictionary
    }

    private static let instance = Metadata(
        answers: [
            "PUT /latest/api/token": "TOKEN",
            "GET /latest/dynamic/instance-identity/document": """
            {"accountId":"123456789012","architecture":"arm64","availabilityZone":"eu-central-1a","imageId":"ami-1","instanceId":"i-0abc",
            "instanceType":"c7g.large","privateIp":"10.0.0.7","region":"eu-central-1","version":"2017-09-30"}
            """,
            "GET /latest/meta-data/hostname": "ip-10-0-0-7.eu-central-1.compute.internal\n",
            "GET /latest/meta-data/tags/instance/eks:cluster-name": "shops",
        ], required: ("X-aws-ec2-metadata-token", "TOKEN"))

    @Test func instanceOfEC2IsDescribedByItsIdentityDocument() async throws {
        let attributes = try await found(.ec2, Self.instance)
        #expect(
            attributes == [
                "cloud.provider": "aws", "cloud.platform": "aws_ec2", "cloud.account.id": "123456789012", "cloud.region": "eu-central-1",
                "cloud.availability_zone": "eu-central-1a", "host.id": "i-0abc", "host.image.id": "ami-1", "host.type": "c7g.large",
                "host.name": "ip-10-0-0-7.eu-central-1.compute.internal",
            ])
    }

    @Test func instanceOfEC2IsNotAskedWithoutASession() async throws {
        var metadata = Self.instance
        metadata.answers["PUT /latest/api/token"] = nil
        #expect(try await found(.ec2, metadata).isEmpty)
        metadata = Self.instance
        metadata.answers["GET /latest/dynamic/instance-identity/document"] = "<html>a captive portal</html>"
        #expect(try await found(.ec2, metadata).isEmpty)
        // The document is good, and longer than any that the service has.
        metadata = Self.instance
        metadata.answers["GET /latest/dynamic/instance-identity/document"]?.append(String(repeating: " ", count: 1 << 16))
        #expect(try await found(.ec2, metadata).isEmpty)
    }

    private static let task = Metadata(answers: [
        "GET /v4/abc": """
        {"DockerId":"d1","DockerName":"ecs-shop","Name":"shop","ContainerARN":"arn:aws:ecs:us-west-2:111:container/c/t/9","LogDriver":"awslogs",
        "LogOptions":{"awslogs-group":"/ecs/shop","awslogs-region":"us-west-2","awslogs-stream":"ecs/shop/1"}}
        """,
        "GET /v4/abc/task": """
        {"Cluster":"c","TaskARN":"arn:aws:ecs:us-west-2:111:task/c/0123","Family":"shop","Revision":"7","LaunchType":"FARGATE",
        "AvailabilityZone":"us-west-2d"}
        """,
    ])

    @Test(arguments: ["c", "arn:aws:ecs:us-west-2:111:cluster/c"]) func taskOfECSIsDescribedByItsMetadata(cluster: String) async throws {
        var task = Self.task
        task.answers["GET /v4/abc/task"]?.replace("\"Cluster\":\"c\"", with: "\"Cluster\":\"\(cluster)\"")
        let attributes = try await found(.ecs, task, ["ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/abc"])
        #expect(
            attributes == [
                "cloud.provider": "aws", "cloud.platform": "aws_ecs", "cloud.region": "us-west-2", "cloud.account.id": "111",
                "cloud.availability_zone": "us-west-2d", "cloud.resource_id": "arn:aws:ecs:us-west-2:111:container/c/t/9",
                "aws.ecs.container.arn": "arn:aws:ecs:us-west-2:111:container/c/t/9", "container.id": "d1", "container.name": "ecs-shop",
                "aws.ecs.cluster.arn": "arn:aws:ecs:us-west-2:111:cluster/c", "aws.ecs.task.arn": "arn:aws:ecs:us-west-2:111:task/c/0123",
                "aws.ecs.task.id": "0123", "aws.ecs.task.family": "shop", "aws.ecs.task.revision": "7", "aws.ecs.launchtype": "fargate",
                "aws.log.group.names": .array(["/ecs/shop"]), "aws.log.stream.names": .array(["ecs/shop/1"]),
            ])
    }

    @Test(arguments: [
        "http://10.0.0.1/v4/abc", "http://10.254.0.1/v4/abc", "http://169.10.0.1/v4/abc", "https://169.254.170.2/v4/abc",
        "http://169.254.170.2.example.com/v4/abc", "nothing", nil,
    ])
    func hostsThatAreNotLinkLocalAreNotAsked(url: String?) async throws {
        let environment = url.map { ["ECS_CONTAINER_METADATA_URI_V4": $0] } ?? [:]
        #expect(try await found(.ecs, Self.task, environment).isEmpty)
    }

    @Test func clusterOfEKSIsKnownByTheIssuerOfItsAccounts() async throws {
        let claims = #"{"aud":["sts"],"iss":"https://oidc.eks.eu-west-3.amazonaws.com/id/EXAMPLE","sub":"system:serviceaccount:a:b"}"#
        let account = "/var/run/secrets/kubernetes.io/serviceaccount/token"
        let token = "e30.\(Base64.encode(Array(claims.utf8)).filter { $0 != "=" }).c2ln"
        let cluster = ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]
        let attributes = try await found(.eks, Self.instance, cluster, files: [account: token])
        #expect(attributes["cloud.platform"] == "aws_eks" && attributes["k8s.cluster.name"] == "shops")
        #expect(attributes["host.id"] == "i-0abc" && attributes["cloud.account.id"] == "123456789012")

        let alone = try await found(.eks, Metadata(answers: [:]), cluster, files: [account: token])
        #expect(alone == ["cloud.provider": "aws", "cloud.platform": "aws_eks", "cloud.region": "eu-west-3"])
        #expect(try await found(.eks, Self.instance, files: [account: token]).isEmpty)
        for issuer in ["kubernetes.default.svc", "oidc.sts.eu-west-3.amazonaws.com", "oidc.eks.eu-west-3.example.com"] {
            let other = claims.replacing("oidc.eks.eu-west-3.amazonaws.com", with: issuer)
            let token = "e30.\(Base64.encode(Array(other.utf8)).filter { $0 != "=" }).c2ln"
            #expect(try await found(.eks, Self.instance, cluster, files: [account: token]).isEmpty, "\(issuer)")
        }
        for broken in ["", "a.b", "a.%%%.c", "e30.e30.e30"] { #expect(EKSResourceDetector.region(ofToken: broken) == nil) }
    }

    private static let google = Metadata(
        answers: [
            "GET /computeMetadata/v1/project/project-id": "shop-42", "GET /computeMetadata/v1/instance/id": "4711",
            "GET /computeMetadata/v1/instance/zone": "projects/123/zones/europe-west1-b",
            "GET /computeMetadata/v1/instance/region": "projects/123/regions/europe-west1",
            "GET /computeMetadata/v1/instance/machine-type": "projects/123/machineTypes/e2-small",
            "GET /computeMetadata/v1/instance/name": "vm-1", "GET /computeMetadata/v1/instance/hostname": "vm-1.c.shop-42.internal",
            "GET /computeMetadata/v1/instance/attributes/cluster-name": "shops",
        ], required: ("Metadata-Flavor", "Google"), headers: "Metadata-Flavor: Google\r\n")

    @Test func whatRunsTheProgramInGoogleCloudIsToldByMetadataAndVariables() async throws {
        let common: [String: AttributeValue] = ["cloud.provider": "gcp", "cloud.account.id": "shop-42", "cloud.region": "europe-west1"]
        let machine = try await found(.gcp, Self.google)
        #expect(
            machine
                == common.merging([
                    "cloud.platform": "gcp_compute_engine", "cloud.availability_zone": "europe-west1-b", "host.id": "4711",
                    "host.type": "e2-small", "host.name": "vm-1", "gcp.gce.instance.name": "vm-1",
                    "gcp.gce.instance.hostname": "vm-1.c.shop-42.internal",
                ]) { $1 })
        let pod = try await found(.gcp, Self.google, ["KUBERNETES_SERVICE_HOST": "10.0.0.1"])
        #expect(
            pod
                == common.merging([
                    "cloud.platform": "gcp_kubernetes_engine", "cloud.availability_zone": "europe-west1-b", "host.id": "4711",
                    "k8s.cluster.name": "shops",
                ]) { $1 })
        var unmanaged = Self.google
        unmanaged.answers["GET /computeMetadata/v1/instance/attributes/cluster-name"] = nil
        let other = try await found(.gcp, unmanaged, ["KUBERNETES_SERVICE_HOST": "10.0.0.1"])
        #expect(other["cloud.platform"] == "gcp_compute_engine" && other["host.name"] == "vm-1" && other["k8s.cluster.name"] == nil)
        let service = try await found(.gcp, Self.google, ["K_SERVICE": "shop", "K_REVISION": "shop-7", "K_CONFIGURATION": "shop"])
        #expect(
            service
                == common.merging([
                    "cloud.platform": "gcp_cloud_run", "faas.instance": "4711", "faas.name": "shop", "faas.version": "shop-7",
                ]) { $1 })
        let job = try await found(
            .gcp, Self.google, ["CLOUD_RUN_JOB": "bill", "CLOUD_RUN_EXECUTION": "bill-x", "CLOUD_RUN_TASK_INDEX": "3"])
        #expect(job["gcp.cloud_run.job.execution"] == "bill-x" && job["gcp.cloud_run.job.task_index"] == 3 && job["faas.name"] == "bill")
        let function = try await found(.gcp, Self.google, ["FUNCTION_TARGET": "f", "K_SERVICE": "f", "K_CONFIGURATION": "f"])
        #expect(function["cloud.platform"] == "gcp_cloud_functions")
        var foreign = Self.google
        foreign.headers = ""
        #expect(try await found(.gcp, foreign).isEmpty)
    }

    @Test func machineOfAzureIsDescribedByItsMetadata() async throws {
        let metadata = Metadata(
            answers: [
                "GET /metadata/instance/compute?api-version=2021-12-13&format=json": """
                {"location":"westeurope","name":"vm1","resourceGroupName":"shops","resourceId":"/subscriptions/s/vm1","subscriptionId":"s",
                "vmId":"02aab8a4","vmSize":"Standard_A3","zone":"1","tags":""}
                """
            ], required: ("Metadata", "true"))
        #expect(
            try await found(.azure, metadata) == [
                "cloud.provider": "azure", "cloud.platform": "azure.vm", "cloud.region": "westeurope", "cloud.availability_zone": "1",
                "cloud.account.id": "s", "cloud.resource_id": "/subscriptions/s/vm1", "azure.resource_group.name": "shops",
                "host.id": "02aab8a4", "host.name": "vm1", "host.type": "Standard_A3",
            ])
    }

    @Test func applicationsOfAzureAreToldByVariables() async throws {
        let site = [
            "WEBSITE_SITE_NAME": "shop", "REGION_NAME": "westeurope", "WEBSITE_RESOURCE_GROUP": "g", "WEBSITE_INSTANCE_ID": "i",
            "WEBSITE_OWNER_NAME": "sub+g-WestEuropewebspace", "WEBSITE_HOSTNAME": "shop.azurewebsites.net",
        ]
        #expect(
            try await found(.azure, nil, site) == [
                "cloud.provider": "azure", "cloud.platform": "azure.app_service", "cloud.region": "westeurope", "service.name": "shop",
                "service.instance.id": "i", "azure.resource_group.name": "g", "cloud.account.id": "sub",
                "host.id": "shop.azurewebsites.net",
                "cloud.resource_id": "/subscriptions/sub/resourceGroups/g/providers/Microsoft.Web/sites/shop",
            ])
        let function = try await found(.azure, nil, site.merging(["FUNCTIONS_EXTENSION_VERSION": "~4"]) { $1 })
        #expect(function["cloud.platform"] == "azure.functions" && function["faas.name"] == "shop" && function["service.name"] == nil)
        #expect(function["faas.instance"] == "i" && function["service.instance.id"] == nil)
        let container = try await found(
            .azure, nil, ["CONTAINER_APP_NAME": "shop", "CONTAINER_APP_REVISION": "shop--1", "CONTAINER_APP_REPLICA_NAME": "shop--1-x"])
        #expect(
            container == [
                "cloud.provider": "azure", "cloud.platform": "azure.container_apps", "service.name": "shop", "service.version": "shop--1",
                "service.instance.id": "shop--1-x",
            ])
    }

    @Test func dynoOfHerokuAndMachineOfFlyAreToldByVariables() async throws {
        let dyno = [
            "HEROKU_APP_ID": "a", "HEROKU_APP_NAME": "shop", "HEROKU_DYNO_ID": "d", "HEROKU_RELEASE_CREATED_AT": "2026-01-02T03:04:05Z",
            "HEROKU_RELEASE_VERSION": "v42", "HEROKU_SLUG_COMMIT": "c0ffee",
        ]
        #expect(
            try await found(.heroku, nil, dyno) == [
                "cloud.provider": "heroku", "heroku.app.id": "a", "service.name": "shop", "service.instance.id": "d",
                "service.version": "v42",
                "heroku.release.creation_timestamp": "2026-01-02T03:04:05Z", "heroku.release.commit": "c0ffee",
            ])
        let machine = [
            "FLY_APP_NAME": "shop", "FLY_MACHINE_ID": "5683", "FLY_REGION": "ams", "FLY_MACHINE_VERSION": "01H", "FLY_IMAGE_REF": "shop:7",
        ]
        #expect(
            try await found(.fly, nil, machine) == [
                "cloud.provider": "fly_io", "cloud.region": "ams", "service.name": "shop", "service.instance.id": "5683", "host.id": "5683",
                "service.version": "01H", "container.image.name": "shop:7",
            ])
        #expect(try await found(.heroku, nil).isEmpty)
        #expect(try await found(.fly, nil).isEmpty)
    }

    /// The detectors that ask, with variables that let them.
    private static let asking: [any SourcedResourceDetector] = [
        EC2ResourceDetector(), ECSResourceDetector(), GCPResourceDetector(), AzureResourceDetector(),
    ]

    @Test(arguments: 0..<asking.count) func unansweredRequestsEndInTime(number: Int) async throws {
        let silent: @Sendable (RawConnection) -> Void = { while !$0.read().isEmpty {} }
        let server = try ScriptedServer(silent, silent, silent, silent)
        let port = server.port
        let sources = ResourceSources(
            contents: { _ in nil },
            environment: EnvironmentReader(["ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/abc"]),
            origin: { _ in "http://127.0.0.1:\(port)" })
        #expect(await onOwnThread { Self.asking[number].detect(in: sources) } == .empty)
        #expect(sources.patience == .milliseconds(500))
    }

    @Test(arguments: 0..<asking.count) func nothingIsAskedOnceTheTimeIsOver(number: Int) async throws {
        // Connections are taken in their order: were a detector's the first, the own one would not be answered.
        let server = try ScriptedServer { connection in
            if connection.nextRequest()?.head.target == "/own" { connection.send("taken first") }
        }
        let port = server.port
        let sources = ResourceSources(
            contents: { _ in nil },
            environment: EnvironmentReader(["ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/abc"]),
            origin: { _ in "http://127.0.0.1:\(port)" }, patience: .zero)
        #expect(await onOwnThread { Self.asking[number].detect(in: sources) } == .empty)
        #expect(await RawConnection.answer(port: port, to: "GET /own HTTP/1.1\r\nHost: a\r\n\r\n") == "taken first")
    }

    @Test func refusedConnectionsAndHugeAnswersAreNoErrors() async throws {
        let port = try #require(ScriptedServer.freePort())
        let sources = ResourceSources(environment: EnvironmentReader([:]), origin: { _ in "http://127.0.0.1:\(port)" })
        #expect(await onOwnThread { GCPResourceDetector().detect(in: sources) } == .empty)
        var huge = Self.google
        huge.answers["GET /computeMetadata/v1/project/project-id"] = String(repeating: "x", count: 100_000)
        #expect(try await found(.gcp, huge).isEmpty)
    }

    @Test func seededNoiseFromAServiceCrashesNothing() async throws {
        var random = SplitMix64(seed: 4719)
        for _ in 0..<30 {
            var bytes = Array(Self.instance.answer(try Self.request("GET /latest/dynamic/instance-identity/document")).utf8)
            for _ in 0..<8 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
            let noise = bytes
            let token: @Sendable (RawConnection) -> Void = { connection in
                _ = connection.nextRequest()
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nTOKEN")
            }
            let answer: @Sendable (RawConnection) -> Void = { connection in
                _ = connection.nextRequest()
                connection.send(noise)
            }
            let server = try ScriptedServer(token, answer)
            let port = server.port
            let sources = ResourceSources(environment: EnvironmentReader([:]), origin: { _ in "http://127.0.0.1:\(port)" })
            let resource = await onOwnThread { EC2ResourceDetector().detect(in: sources) }
            #expect(resource == .empty || resource.attributes["cloud.provider"] == "aws")
        }
    }

    private static func request(_ line: String) throws -> HTTPMessage {
        var reader = HTTPMessageReader(requests: HTTPLimits())
        Array("\(line) HTTP/1.1\r\nHost: a\r\nX-aws-ec2-metadata-token: TOKEN\r\n\r\n".utf8).withUnsafeBytes { reader.append($0) }
        return try reader.next().unwrapped()
    }
}
