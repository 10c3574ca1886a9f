// The attributes of clouds and what runs programs there: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `cloud.*`.
    public enum Cloud {
        /// The provider of the cloud (`aws`, `azure`, `gcp`). (String, development.)
        @inlinable public static var provider: String { "cloud.provider" }

        /// The service of the cloud that runs the program (`aws_ecs`). (String, development.)
        @inlinable public static var platform: String { "cloud.platform" }

        /// The region. (String, development.)
        @inlinable public static var region: String { "cloud.region" }

        /// The zone within the region. (String, development.)
        @inlinable public static var availabilityZone: String { "cloud.availability_zone" }

        /// The account that the resource belongs to. (String, development.)
        @inlinable public static var accountID: String { "cloud.account.id" }

        /// The identifier of the resource in the cloud. (String, development.)
        @inlinable public static var resourceID: String { "cloud.resource_id" }
    }

    /// The keys `aws.*`.
    public enum AWS {
        /// The name of the cluster of Amazon ECS. (String, development.)
        @inlinable public static var ecsClusterARN: String { "aws.ecs.cluster.arn" }

        /// The name of the container of Amazon ECS. (String, development.)
        @inlinable public static var ecsContainerARN: String { "aws.ecs.container.arn" }

        /// What runs the task (`ec2`, `fargate`). (String, development.)
        @inlinable public static var ecsLaunchtype: String { "aws.ecs.launchtype" }

        /// The name of the task. (String, development.)
        @inlinable public static var ecsTaskARN: String { "aws.ecs.task.arn" }

        /// The family of the definition of the task. (String, development.)
        @inlinable public static var ecsTaskFamily: String { "aws.ecs.task.family" }

        /// The identifier of the task. (String, development.)
        @inlinable public static var ecsTaskID: String { "aws.ecs.task.id" }

        /// The revision of the definition of the task. (String, development.)
        @inlinable public static var ecsTaskRevision: String { "aws.ecs.task.revision" }

        /// The groups that the program logs to. ([String], development.)
        @inlinable public static var logGroupNames: String { "aws.log.group.names" }

        /// The streams that the program logs to. ([String], development.)
        @inlinable public static var logStreamNames: String { "aws.log.stream.names" }
    }

    /// The keys `azure.*`.
    public enum Azure {
        /// The group of the resource. (String, development.)
        @inlinable public static var resourceGroupName: String { "azure.resource_group.name" }
    }

    /// The keys `gcp.*`.
    public enum GCP {
        /// The execution of a job of Cloud Run. (String, development.)
        @inlinable public static var cloudRunJobExecution: String { "gcp.cloud_run.job.execution" }

        /// The index of the task within the execution. (Int, development.)
        @inlinable public static var cloudRunJobTaskIndex: String { "gcp.cloud_run.job.task_index" }

        /// The name of the instance. (String, development.)
        @inlinable public static var gceInstanceName: String { "gcp.gce.instance.name" }

        /// The host name of the instance. (String, development.)
        @inlinable public static var gceInstanceHostname: String { "gcp.gce.instance.hostname" }
    }

    /// The keys `heroku.*`.
    public enum Heroku {
        /// The identifier of the application. (String, development.)
        @inlinable public static var appID: String { "heroku.app.id" }

        /// The commit of the release. (String, development.)
        @inlinable public static var releaseCommit: String { "heroku.release.commit" }

        /// When the release was made. (String, development.)
        @inlinable public static var releaseCreationTimestamp: String { "heroku.release.creation_timestamp" }
    }

    /// The keys `faas.*`.
    public enum FaaS {
        /// The name of the function. (String, development.)
        @inlinable public static var name: String { "faas.name" }

        /// The version of the function. (String, development.)
        @inlinable public static var version: String { "faas.version" }

        /// The instance that executes the function. (String, development.)
        @inlinable public static var instance: String { "faas.instance" }
    }
}
