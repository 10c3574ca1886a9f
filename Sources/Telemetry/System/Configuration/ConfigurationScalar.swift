// Makes values of the scalars of a configuration file.

/// Makes the values of scalars: replaces environment variables, then tells the type.
struct ConfigurationScalar {
    let substitution: EnvironmentSubstitution
    let problems: ConfigurationProblems

    /// - Parameters:
    ///   - isPlain: true for a scalar without quotes, whose type its text tells; others are texts.
    ///   - tag: the type that the file names itself, if it does.
    func node(_ written: String, isPlain: Bool, tag: String?, at place: ConfigurationPlace) -> ConfigurationNode {
        let unusable = ConfigurationNode(content: .unusable, place: place)
        let text: String
        let isSubstituted: Bool
        do throws(EnvironmentSubstitution.Failure) {
            (text, isSubstituted) = try substitution.apply(to: written)
        } catch {
            problems.fail("\"\(error.reference)\" is no reference to an environment variable; expected \(error.expected)", at: place)
            return unusable
        }
        guard text.utf8.count <= ConfigurationLimits.scalarBytes else {
            problems.fail("the text has more than \(ConfigurationLimits.scalarBytes) bytes", at: place)
            return unusable
        }
        let content: ConfigurationNode.Content
        if let tag, tag != "!" {
            guard let tagged = YAMLCoreSchema.content(of: text, tag: tag) else {
                let expected = "no tag, or one of !!str, !!int, !!float, !!bool and !!null before such a value"
                problems.fail("the tag <\(tag)> cannot be used for this value; expected \(expected)", at: place)
                return unusable
            }
            content = tagged
        } else {
            content = isPlain && tag == nil ? YAMLCoreSchema.content(ofPlain: text) : .text(text)
        }
        return ConfigurationNode(content: content, place: place, written: text, isSubstituted: isSubstituted)
    }
}
