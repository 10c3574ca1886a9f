// The dyno of Heroku.

/// Detects the application, release and dyno from the variables of Heroku's dyno metadata, which the application enables.
public struct HerokuResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "heroku" }

    func detect(in sources: ResourceSources) -> Resource {
        let environment = sources.environment
        guard environment.text("HEROKU_APP_ID") != nil || environment.text("HEROKU_DYNO_ID") != nil else { return .empty }
        var attributes: Attributes = [SemanticAttributes.Cloud.provider: "heroku"]
        attributes.setKnown(SemanticAttributes.Heroku.appID, environment.text("HEROKU_APP_ID"))
        attributes.setKnown(SemanticAttributes.Service.name, environment.text("HEROKU_APP_NAME"))
        attributes.setKnown(SemanticAttributes.Service.instanceID, environment.text("HEROKU_DYNO_ID"))
        attributes.setKnown(SemanticAttributes.Service.version, environment.text("HEROKU_RELEASE_VERSION"))
        attributes.setKnown(SemanticAttributes.Heroku.releaseCreationTimestamp, environment.text("HEROKU_RELEASE_CREATED_AT"))
        attributes.setKnown(SemanticAttributes.Heroku.releaseCommit, environment.text("HEROKU_SLUG_COMMIT"))
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }
}

extension ResourceDetector where Self == HerokuResourceDetector {
    /// The application, release and dyno of Heroku.
    public static var heroku: Self { HerokuResourceDetector() }
}
