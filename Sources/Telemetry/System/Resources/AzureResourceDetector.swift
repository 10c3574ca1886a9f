// What runs the program in Azure.

/// Detects App Service, Functions and Container Apps from their variables, and virtual machines from their metadata service.
///
/// The service is asked only where no variable tells, for at most 500 ms.
public struct AzureResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "azure" }

    func detect(in sources: ResourceSources) -> Resource {
        guard var attributes = Self.application(sources.environment) ?? Self.machine(sources) else { return .empty }
        attributes[SemanticAttributes.Cloud.provider] = "azure"
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    private static func application(_ environment: EnvironmentReader) -> Attributes? {
        var attributes = Attributes()
        if let name = environment.text("CONTAINER_APP_NAME") {
            attributes[SemanticAttributes.Cloud.platform] = "azure.container_apps"
            attributes.setKnown(SemanticAttributes.Service.name, name)
            attributes.setKnown(SemanticAttributes.Service.version, environment.text("CONTAINER_APP_REVISION"))
            attributes.setKnown(SemanticAttributes.Service.instanceID, environment.text("CONTAINER_APP_REPLICA_NAME"))
            return attributes
        }
        guard let site = environment.text("WEBSITE_SITE_NAME") else { return nil }
        let isFunction = environment.text("FUNCTIONS_EXTENSION_VERSION") != nil
        attributes[SemanticAttributes.Cloud.platform] = isFunction ? "azure.functions" : "azure.app_service"
        attributes.setKnown(isFunction ? SemanticAttributes.FaaS.name : SemanticAttributes.Service.name, site)
        attributes.setKnown(
            isFunction ? SemanticAttributes.FaaS.instance : SemanticAttributes.Service.instanceID,
            environment.text("WEBSITE_INSTANCE_ID"))
        attributes.setKnown(SemanticAttributes.Cloud.region, environment.text("REGION_NAME"))
        attributes.setKnown(SemanticAttributes.Host.id, environment.text("WEBSITE_HOSTNAME"))
        let group = environment.text("WEBSITE_RESOURCE_GROUP")
        attributes.setKnown(SemanticAttributes.Azure.resourceGroupName, group)
        // `SUBSCRIPTION+GROUP-REGIONwebspace`
        let subscription = environment.text("WEBSITE_OWNER_NAME")?.split(separator: "+").first.map(String.init)
        attributes.setKnown(SemanticAttributes.Cloud.accountID, subscription)
        if let subscription, let group {
            attributes.setKnown(
                SemanticAttributes.Cloud.resourceID,
                "/subscriptions/\(subscription)/resourceGroups/\(group)/providers/Microsoft.Web/sites/\(site)")
        }
        return attributes
    }

    private static func machine(_ sources: ResourceSources) -> Attributes? {
        let service = MetadataService("http://169.254.169.254", in: sources)
        let path = "/metadata/instance/compute?api-version=2021-12-13&format=json"
        guard let document = service.document(path, [("Metadata", "true")]), let identifier = document["vmId"]?.text else { return nil }
        var attributes: Attributes = [
            SemanticAttributes.Cloud.platform: "azure.vm", SemanticAttributes.Host.id: .string(identifier),
        ]
        attributes.setKnown(SemanticAttributes.Cloud.region, document["location"]?.text)
        attributes.setKnown(SemanticAttributes.Cloud.availabilityZone, document["zone"]?.text)
        attributes.setKnown(SemanticAttributes.Cloud.accountID, document["subscriptionId"]?.text)
        attributes.setKnown(SemanticAttributes.Cloud.resourceID, document["resourceId"]?.text)
        attributes.setKnown(SemanticAttributes.Azure.resourceGroupName, document["resourceGroupName"]?.text)
        attributes.setKnown(SemanticAttributes.Host.name, document["name"]?.text)
        attributes.setKnown(SemanticAttributes.Host.type, document["vmSize"]?.text)
        return attributes
    }
}

extension ResourceDetector where Self == AzureResourceDetector {
    /// What runs the program in Azure: its subscription, region, group, and machine or application.
    public static var azure: Self { AzureResourceDetector() }
}
