// The events of the table: written by Documentation/Conventions/generate.py.

extension ConventionTable {
    static let events = """
        app.crash D;app.jank D;app.screen.click D !app.screen.coordinate.x,app.screen.coordinate.y;app.widget.click D !app.widget.id;\
        az.resource.log D >azure.resource.log;azure.resource.log D;browser.web_vital D !browser.web_vital.delta,browser.web_vital.id,\
        browser.web_vital.name,browser.web_vital.value;db.client.operation.exception D;device.app.lifecycle D;exception S;\
        faas.invocation.exception D;feature_flag.evaluation R !feature_flag.key;gen_ai.assistant.message D \
        >gen_ai.client.inference.operation.details,gen_ai.input.messages;gen_ai.choice D >gen_ai.client.inference.operation.details,\
        gen_ai.output.messages;gen_ai.client.inference.operation.details D !gen_ai.operation.name;gen_ai.client.operation.exception D;\
        gen_ai.evaluation.result D !gen_ai.evaluation.name;gen_ai.system.message D >gen_ai.client.inference.operation.details,\
        gen_ai.system_instructions;gen_ai.tool.message D >gen_ai.client.inference.operation.details,gen_ai.input.messages;\
        gen_ai.user.message D >gen_ai.client.inference.operation.details,gen_ai.input.messages;http.client.request.exception D;\
        http.server.request.exception D;messaging.create.exception D;messaging.process.exception D;messaging.receive.exception D;\
        messaging.send.exception D;messaging.settle.exception D;rpc.client.call.exception D;rpc.message D >;rpc.server.call.exception D;\
        session.end D !session.id;session.start D !session.id
        """
}
