// The attributes of the table: written by Documentation/Conventions/generate.py.

extension ConventionTable {
    static let attributes = """
        android.app.state s D =created,background,foreground;android.os.api_level s D;android.state s D =created,background,foreground \
        >android.app.state;app.build_id s D;app.crash.id s D;app.installation.id s D;app.jank.frame_count i D;app.jank.period d D;\
        app.jank.threshold d D;app.screen.coordinate.x i D;app.screen.coordinate.y i D;app.screen.id s D;app.screen.name s D;\
        app.widget.id s D;app.widget.name s D;artifact.attestation.filename s D;artifact.attestation.hash s D;artifact.attestation.id s D;\
        artifact.filename s D;artifact.hash s D;artifact.purl s D;artifact.version s D;aspnetcore.authentication.result s D =success,\
        failure,none;aspnetcore.authentication.scheme s D;aspnetcore.authorization.policy s D;aspnetcore.authorization.result s D \
        =success,failure;aspnetcore.diagnostics.exception.result s S =handled,unhandled,skipped,aborted;\
        aspnetcore.diagnostics.handler.type s S;aspnetcore.identity.error_code s D;aspnetcore.identity.password_check_result s D =success,\
        success_rehash_needed,failure,password_missing,user_missing;aspnetcore.identity.result s D =success,failure;\
        aspnetcore.identity.sign_in.result s D =success,locked_out,not_allowed,requires_two_factor,failure;\
        aspnetcore.identity.sign_in.type s D =password,two_factor_recovery_code,two_factor_authenticator,two_factor,external,passkey;\
        aspnetcore.identity.token_purpose s D =reset_password,change_phone_number,email_confirmation,change_email,two_factor,_OTHER;\
        aspnetcore.identity.token_verified s D =success,failure;aspnetcore.identity.user.update_type s D =update,user_name,add_password,\
        change_password,security_stamp,reset_password,remove_login,add_login,add_claims,replace_claim,remove_claims,add_to_roles,\
        remove_from_roles,set_email,confirm_email,password_rehash,remove_password,change_email,set_phone_number,change_phone_number,\
        set_two_factor_enabled,set_lockout_enabled,set_lockout_end_date,access_failed,reset_access_failed_count,set_authentication_token,\
        remove_authentication_token,reset_authenticator_key,generate_new_two_factor_recovery_codes,redeem_two_factor_recovery_code,\
        set_passkey,remove_passkey,_OTHER;aspnetcore.identity.user_type s D;aspnetcore.memory_pool.owner s D;\
        aspnetcore.rate_limiting.policy s S;aspnetcore.rate_limiting.result s S =acquired,endpoint_limiter,global_limiter,\
        request_canceled;aspnetcore.request.is_unhandled b S;aspnetcore.routing.is_fallback b S;aspnetcore.routing.match_status s S \
        =success,failure;aspnetcore.sign_in.is_persistent b D;aspnetcore.user.is_authenticated b S;aws.bedrock.guardrail.id s D;\
        aws.bedrock.knowledge_base.id s D;aws.dynamodb.attribute_definitions S D;aws.dynamodb.attributes_to_get S D;\
        aws.dynamodb.consistent_read b D;aws.dynamodb.consumed_capacity S D;aws.dynamodb.count i D;aws.dynamodb.exclusive_start_table s D;\
        aws.dynamodb.global_secondary_index_updates S D;aws.dynamodb.global_secondary_indexes S D;aws.dynamodb.index_name s D;\
        aws.dynamodb.item_collection_metrics s D;aws.dynamodb.limit i D;aws.dynamodb.local_secondary_indexes S D;aws.dynamodb.projection \
        s D;aws.dynamodb.provisioned_read_capacity d D;aws.dynamodb.provisioned_write_capacity d D;aws.dynamodb.scan_forward b D;\
        aws.dynamodb.scanned_count i D;aws.dynamodb.segment i D;aws.dynamodb.select s D;aws.dynamodb.table_count i D;\
        aws.dynamodb.table_names S D;aws.dynamodb.total_segments i D;aws.ecs.cluster.arn s D;aws.ecs.container.arn s D;aws.ecs.launchtype \
        s D =ec2,fargate;aws.ecs.task.arn s D;aws.ecs.task.family s D;aws.ecs.task.id s D;aws.ecs.task.revision s D;aws.eks.cluster.arn s \
        D;aws.extended_request_id s D;aws.kinesis.stream_name s D;aws.lambda.invoked_arn s D;aws.lambda.resource_mapping.id s D;\
        aws.log.group.arns S D;aws.log.group.names S D;aws.log.stream.arns S D;aws.log.stream.names S D;aws.request_id s D;aws.s3.bucket \
        s D;aws.s3.copy_source s D;aws.s3.delete s D;aws.s3.key s D;aws.s3.part_number i D;aws.s3.upload_id s D;\
        aws.secretsmanager.secret.arn s D;aws.sns.topic.arn s D;aws.sqs.queue.url s D;aws.step_functions.activity.arn s D;\
        aws.step_functions.state_machine.arn s D;az.namespace s D >azure.resource_provider.namespace;az.service_request_id s D \
        >azure.service.request.id;azure.client.id s D;azure.cosmosdb.connection.mode s D =gateway,direct;azure.cosmosdb.consistency.level \
        s D =Strong,BoundedStaleness,Session,Eventual,ConsistentPrefix;azure.cosmosdb.operation.contacted_regions S D;\
        azure.cosmosdb.operation.request_charge d D;azure.cosmosdb.request.body.size i D;azure.cosmosdb.response.sub_status_code i D;\
        azure.resource_group.name s D;azure.resource_provider.namespace s D;azure.service.request.id s D;browser.brands S D;\
        browser.document.url.full s D;browser.language s D;browser.mobile b D;browser.platform s D;browser.web_vital.delta d D;\
        browser.web_vital.id s D;browser.web_vital.name s D =cls,lcp,fcp,inp,ttfb;browser.web_vital.navigation_type s D =navigate,reload,\
        back-forward,back-forward-cache,prerender,restore;browser.web_vital.rating s D =good,needs-improvement,poor;\
        browser.web_vital.value d D;cassandra.consistency.level s D =all,each_quorum,quorum,local_quorum,one,two,three,local_one,any,\
        serial,local_serial;cassandra.coordinator.dc s D;cassandra.coordinator.id s D;cassandra.page.size i D;cassandra.query.idempotent \
        b D;cassandra.speculative_execution.count i D;cicd.pipeline.action.name s R =BUILD,RUN,SYNC;cicd.pipeline.name s R;\
        cicd.pipeline.result s R =success,failure,error,timeout,cancellation,skip;cicd.pipeline.run.id s R;cicd.pipeline.run.state s R \
        =pending,executing,finalizing;cicd.pipeline.run.url.full s R;cicd.pipeline.task.name s R;cicd.pipeline.task.run.id s R;\
        cicd.pipeline.task.run.result s R =success,failure,error,timeout,cancellation,skip;cicd.pipeline.task.run.url.full s R;\
        cicd.pipeline.task.type s R =build,test,deploy;cicd.system.component s R;cicd.worker.id s R;cicd.worker.name s R;\
        cicd.worker.state s R =available,busy,offline;cicd.worker.url.full s R;client.address s S;client.port i S;cloud.account.id s D;\
        cloud.availability_zone s D;cloud.platform s D =akamai_cloud.compute,alibaba_cloud_ecs,alibaba_cloud_fc,alibaba_cloud_openshift,\
        aws_ec2,aws_ecs,aws_eks,aws_lambda,aws_elastic_beanstalk,aws_app_runner,aws_openshift,azure.vm,azure.container_apps,\
        azure.container_instances,azure.aks,azure.functions,azure.app_service,azure.openshift,gcp.agent_engine,gcp_bare_metal_solution,\
        gcp_compute_engine,gcp_cloud_run,gcp_kubernetes_engine,gcp_cloud_functions,gcp_app_engine,gcp_openshift,hetzner.cloud_server,\
        ibm_cloud_openshift,oracle_cloud_compute,oracle_cloud_oke,scaleway_cloud_compute,tencent_cloud_cvm,tencent_cloud_eks,\
        tencent_cloud_scf,vultr.cloud_compute;cloud.provider s D =akamai_cloud,alibaba_cloud,aws,azure,gcp,heroku,hetzner,ibm_cloud,\
        oracle_cloud,scaleway_cloud,tencent_cloud,vultr;cloud.region s D;cloud.resource_id s D;cloudevents.event_id s D;\
        cloudevents.event_source s D;cloudevents.event_spec_version s D;cloudevents.event_subject s D;cloudevents.event_type s D;\
        cloudfoundry.app.id s D;cloudfoundry.app.instance.id s D;cloudfoundry.app.name s D;cloudfoundry.org.id s D;cloudfoundry.org.name \
        s D;cloudfoundry.process.id s D;cloudfoundry.process.type s D;cloudfoundry.space.id s D;cloudfoundry.space.name s D;\
        cloudfoundry.system.id s D;cloudfoundry.system.instance.id s D;code.column i D >code.column.number;code.column.number i S;\
        code.file.path s S;code.filepath s D >code.file.path;code.function s D >code.function.name;code.function.name s S;\
        code.line.number i S;code.lineno i D >code.line.number;code.namespace s D >code.function.name;code.stacktrace s S;\
        container.command s D;container.command_args S D;container.command_line s D;container.cpu.state s D =user,system,kernel >cpu.mode;\
        container.csi.plugin.name s D;container.csi.volume.id s D;container.id s S;container.image.id s D;container.image.name s S;\
        container.image.repo_digests S S;container.image.tags S S;container.label ts D;container.labels ts D >container.label;\
        container.name s D;container.runtime s D >container.runtime.name;container.runtime.description s D;container.runtime.name s D;\
        container.runtime.version s D;cpu.logical_number i D;cpu.mode s R =user,system,nice,idle,iowait,interrupt,steal;\
        cpython.gc.generation i D =0,1,2;db.cassandra.consistency_level s D =all,each_quorum,quorum,local_quorum,one,two,three,local_one,\
        any,serial,local_serial >cassandra.consistency.level;db.cassandra.coordinator.dc s D >cassandra.coordinator.dc;\
        db.cassandra.coordinator.id s D >cassandra.coordinator.id;db.cassandra.idempotence b D >cassandra.query.idempotent;\
        db.cassandra.page_size i D >cassandra.page.size;db.cassandra.speculative_execution_count i D \
        >cassandra.speculative_execution.count;db.cassandra.table s D >db.collection.name;db.client.connection.pool.name s D;\
        db.client.connection.state s D =idle,used;db.client.connections.pool.name s D >db.client.connection.pool.name;\
        db.client.connections.state s D =idle,used >db.client.connection.state;db.collection.name s S;db.connection_string s D \
        >server.address,server.port;db.cosmosdb.client_id s D >azure.client.id;db.cosmosdb.connection_mode s D =gateway,direct \
        >azure.cosmosdb.connection.mode;db.cosmosdb.consistency_level s D =Strong,BoundedStaleness,Session,Eventual,ConsistentPrefix \
        >azure.cosmosdb.consistency.level;db.cosmosdb.container s D >db.collection.name;db.cosmosdb.operation_type s D =batch,create,\
        delete,execute,execute_javascript,invalid,head,head_feed,patch,query,query_plan,read,read_feed,replace,upsert >;\
        db.cosmosdb.regions_contacted S D >azure.cosmosdb.operation.contacted_regions;db.cosmosdb.request_charge d D \
        >azure.cosmosdb.operation.request_charge;db.cosmosdb.request_content_length i D >azure.cosmosdb.request.body.size;\
        db.cosmosdb.status_code i D >db.response.status_code;db.cosmosdb.sub_status_code i D >azure.cosmosdb.response.sub_status_code;\
        db.elasticsearch.cluster.name s D >db.namespace;db.elasticsearch.node.name s D >elasticsearch.node.name;\
        db.elasticsearch.path_parts ts D >db.operation.parameter;db.instance.id s D >db.elasticsearch.node.name;db.jdbc.driver_classname \
        s D >;db.mongodb.collection s D >db.collection.name;db.mssql.instance_name s D >;db.name s D >db.namespace;db.namespace s S;\
        db.operation s D >db.operation.name;db.operation.batch.size i S;db.operation.name s S;db.operation.parameter ts D;\
        db.query.parameter ts D;db.query.summary s S;db.query.text s S;db.redis.database_index i D >db.namespace;\
        db.response.returned_rows i D;db.response.status_code s S;db.sql.table s D >db.collection.name,db.query.text;db.statement s D \
        >db.query.text;db.stored_procedure.name s S;db.system s D =other_sql,adabas,intersystems_cache,cassandra,clickhouse,cockroachdb,\
        cosmosdb,couchbase,couchdb,db2,derby,dynamodb,edb,elasticsearch,filemaker,firebird,geode,h2,hanadb,hbase,hive,hsqldb,influxdb,\
        informix,ingres,instantdb,interbase,mariadb,maxdb,memcached,mongodb,mssql,mysql,neo4j,netezza,opensearch,oracle,pervasive,\
        pointbase,postgresql,progress,redis,redshift,spanner,sqlite,sybase,teradata,trino,vertica >db.system.name;db.system.name s S \
        =other_sql,softwareag.adabas,actian.ingres,aws.dynamodb,aws.redshift,azure.cosmosdb,intersystems.cache,cassandra,clickhouse,\
        cockroachdb,couchbase,couchdb,derby,elasticsearch,firebirdsql,gcp.spanner,geode,h2database,hbase,hive,hsqldb,ibm.db2,ibm.informix,\
        ibm.netezza,influxdb,instantdb,mariadb,memcached,mongodb,microsoft.sql_server,mysql,neo4j,opensearch,oracle.db,postgresql,redis,\
        sap.hana,sap.maxdb,sqlite,teradata,trino;db.user s D >;deployment.environment s D >deployment.environment.name;\
        deployment.environment.name s S =production,staging,test,development;deployment.id s D;deployment.name s D;deployment.status s D \
        =failed,succeeded;destination.address s D;destination.port i D;device.id s D;device.manufacturer s D;device.model.identifier s D;\
        device.model.name s D;disk.io.direction s R =read,write;dns.answers S D;dns.question.name s D;dotnet.gc.heap.generation s S =gen0,\
        gen1,gen2,loh,poh;elasticsearch.node.name s D;enduser.id s D;enduser.pseudo.id s D;enduser.role s D >user.roles;enduser.scope s D \
        >;error.message s D >feature_flag.error.message;error.type s S =_OTHER;event.name s D >;exception.escaped b S >;exception.message \
        s S;exception.stacktrace s S;exception.type s S;faas.coldstart b D;faas.cron s D;faas.document.collection s D;faas.document.name \
        s D;faas.document.operation s D =insert,edit,delete;faas.document.time s D;faas.instance s D;faas.invocation_id s D;\
        faas.invoked_name s D;faas.invoked_provider s D =alibaba_cloud,aws,azure,gcp,tencent_cloud;faas.invoked_region s D;\
        faas.max_memory i D;faas.name s D;faas.time s D;faas.trigger s D =datasource,http,pubsub,timer,other;faas.version s D;\
        feature_flag.context.id s R;feature_flag.error.message s R;feature_flag.evaluation.error.message s D >feature_flag.error.message;\
        feature_flag.evaluation.reason s D =static,default,targeting_match,split,cached,disabled,unknown,stale,error \
        >feature_flag.result.reason;feature_flag.key s R;feature_flag.provider.name s R;feature_flag.provider_name s D \
        >feature_flag.provider.name;feature_flag.result.reason s R =static,default,targeting_match,split,cached,disabled,unknown,stale,\
        error;feature_flag.result.value a R;feature_flag.result.variant s R;feature_flag.set.id s R;feature_flag.variant s D \
        >feature_flag.result.variant;feature_flag.version s R;file.accessed s D;file.attributes S D;file.changed s D;file.created s D;\
        file.directory s D;file.extension s D;file.fork_name s D;file.group.id s D;file.group.name s D;file.inode s D;file.lock.mechanism \
        s D;file.lock.mode s D;file.lock.type s D =read,write;file.mode s D;file.modified s D;file.name s D;file.owner.id s D;\
        file.owner.name s D;file.path s D;file.size i D;file.symbolic_link.target_path s D;gcp.apphub.application.container s D;\
        gcp.apphub.application.id s D;gcp.apphub.application.location s D;gcp.apphub.service.criticality_type s D =MISSION_CRITICAL,HIGH,\
        MEDIUM,LOW;gcp.apphub.service.environment_type s D =PRODUCTION,STAGING,TEST,DEVELOPMENT;gcp.apphub.service.id s D;\
        gcp.apphub.workload.criticality_type s D =MISSION_CRITICAL,HIGH,MEDIUM,LOW;gcp.apphub.workload.environment_type s D =PRODUCTION,\
        STAGING,TEST,DEVELOPMENT;gcp.apphub.workload.id s D;gcp.apphub_destination.application.container s D;\
        gcp.apphub_destination.application.id s D;gcp.apphub_destination.application.location s D;\
        gcp.apphub_destination.service.criticality_type s D =MISSION_CRITICAL,HIGH,MEDIUM,LOW;\
        gcp.apphub_destination.service.environment_type s D =PRODUCTION,STAGING,TEST,DEVELOPMENT;gcp.apphub_destination.service.id s D;\
        gcp.apphub_destination.workload.criticality_type s D =MISSION_CRITICAL,HIGH,MEDIUM,LOW;\
        gcp.apphub_destination.workload.environment_type s D =PRODUCTION,STAGING,TEST,DEVELOPMENT;gcp.apphub_destination.workload.id s D;\
        gcp.client.service s D;gcp.cloud_run.job.execution s D;gcp.cloud_run.job.task_index i D;gcp.gce.instance.hostname s D;\
        gcp.gce.instance.labels ts D;gcp.gce.instance.name s D;gcp.gce.instance_group_manager.name s D;\
        gcp.gce.instance_group_manager.region s D;gcp.gce.instance_group_manager.zone s D;gen_ai.agent.description s D;gen_ai.agent.id s \
        D;gen_ai.agent.name s D;gen_ai.agent.version s D;gen_ai.completion s D >;gen_ai.conversation.id s D;gen_ai.data_source.id s D;\
        gen_ai.embeddings.dimension.count i D;gen_ai.evaluation.explanation s D;gen_ai.evaluation.name s D;gen_ai.evaluation.score.label \
        s D;gen_ai.evaluation.score.value d D;gen_ai.input.messages a D;gen_ai.openai.request.response_format s D =text,json_object,\
        json_schema >gen_ai.output.type;gen_ai.openai.request.seed i D >gen_ai.request.seed;gen_ai.openai.request.service_tier s D =auto,\
        default >openai.request.service_tier;gen_ai.openai.response.service_tier s D >openai.response.service_tier;\
        gen_ai.openai.response.system_fingerprint s D >openai.response.system_fingerprint;gen_ai.operation.name s D =chat,\
        generate_content,text_completion,embeddings,retrieval,create_agent,invoke_agent,execute_tool,invoke_workflow;\
        gen_ai.output.messages a D;gen_ai.output.type s D =text,json,image,speech;gen_ai.prompt s D >;gen_ai.prompt.name s D;\
        gen_ai.provider.name s D =openai,gcp.gen_ai,gcp.vertex_ai,gcp.gemini,anthropic,cohere,azure.ai.inference,azure.ai.openai,\
        ibm.watsonx.ai,aws.bedrock,perplexity,x_ai,deepseek,groq,mistral_ai;gen_ai.request.choice.count i D;\
        gen_ai.request.encoding_formats S D;gen_ai.request.frequency_penalty d D;gen_ai.request.max_tokens i D;gen_ai.request.model s D;\
        gen_ai.request.presence_penalty d D;gen_ai.request.seed i D;gen_ai.request.stop_sequences S D;gen_ai.request.stream b D;\
        gen_ai.request.temperature d D;gen_ai.request.top_k d D;gen_ai.request.top_p d D;gen_ai.response.finish_reasons S D;\
        gen_ai.response.id s D;gen_ai.response.model s D;gen_ai.response.time_to_first_chunk d D;gen_ai.retrieval.documents a D;\
        gen_ai.retrieval.query.text s D;gen_ai.system s D =openai,gcp.gen_ai,gcp.vertex_ai,gcp.gemini,anthropic,cohere,azure.ai.inference,\
        azure.ai.openai,ibm.watsonx.ai,aws.bedrock,perplexity,xai,deepseek,groq,mistral_ai >gen_ai.provider.name;\
        gen_ai.system_instructions a D;gen_ai.token.type s D =input,output;gen_ai.tool.call.arguments a D;gen_ai.tool.call.id s D;\
        gen_ai.tool.call.result a D;gen_ai.tool.definitions a D;gen_ai.tool.description s D;gen_ai.tool.name s D;gen_ai.tool.type s D;\
        gen_ai.usage.cache_creation.input_tokens i D;gen_ai.usage.cache_read.input_tokens i D;gen_ai.usage.completion_tokens i D \
        >gen_ai.usage.output_tokens;gen_ai.usage.input_tokens i D;gen_ai.usage.output_tokens i D;gen_ai.usage.prompt_tokens i D \
        >gen_ai.usage.input_tokens;gen_ai.usage.reasoning.output_tokens i D;gen_ai.workflow.name s D;geo.continent.code s D =AF,AN,AS,EU,\
        NA,OC,SA;geo.country.iso_code s D;geo.locality.name s D;geo.location.lat d D;geo.location.lon d D;geo.postal_code s D;\
        geo.region.iso_code s D;go.cpu.detailed_state s D;go.cpu.state s D =user,gc,scavenge,idle;go.memory.detailed_type s D;\
        go.memory.type s D =stack,other;graphql.document s D;graphql.operation.name s D;graphql.operation.type s D =query,mutation,\
        subscription;heroku.app.id s D;heroku.release.commit s D;heroku.release.creation_timestamp s D;host.arch s D =amd64,arm32,arm64,\
        ia64,ppc32,ppc64,s390x,x86;host.cpu.cache.l2.size i D;host.cpu.family s D;host.cpu.model.id s D;host.cpu.model.name s D;\
        host.cpu.stepping s D;host.cpu.vendor.id s D;host.id s D;host.image.id s D;host.image.name s D;host.image.version s D;host.ip S D;\
        host.mac S D;host.name s D;host.type s D;http.client_ip s D >client.address;http.connection.state s D =active,idle;http.flavor s \
        D =1.0,1.1,2.0,3.0,SPDY,QUIC >network.protocol.name,network.protocol.version;http.host s D >client.address,\
        http.request.header.host,server.address;http.method s D >http.request.method;http.request.body.size i D;http.request.header tS S;\
        http.request.method s S =CONNECT,DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT,TRACE,QUERY,_OTHER;http.request.method_original s S;\
        http.request.resend_count i S;http.request.size i D;http.request_content_length i D >http.request.header.content-length;\
        http.request_content_length_uncompressed i D >http.request.body.size;http.response.body.size i D;http.response.header tS S;\
        http.response.size i D;http.response.status_code i S;http.response_content_length i D >http.response.header.content-length;\
        http.response_content_length_uncompressed i D >http.response.body.size;http.route s S;http.scheme s D >url.scheme;\
        http.server_name s D >server.address;http.status_code i D >http.response.status_code;http.target s D >url.path,url.query;http.url \
        s D >url.full;http.user_agent s D >user_agent.original;hw.battery.capacity s D;hw.battery.chemistry s D;hw.battery.state s D \
        =charging,discharging;hw.bios_version s D;hw.driver_version s D;hw.enclosure.type s D;hw.firmware_version s D;hw.gpu.task s D \
        =decoder,encoder,general;hw.id s D;hw.limit_type s D =critical,degraded,high.critical,high.degraded,low.critical,low.degraded,max,\
        throttled,turbo;hw.logical_disk.raid_level s D;hw.logical_disk.state s D =used,free;hw.memory.type s D;hw.model s D;hw.name s D;\
        hw.network.logical_addresses S D;hw.network.physical_address s D;hw.parent s D;hw.physical_disk.smart_attribute s D;\
        hw.physical_disk.state s D =remaining;hw.physical_disk.type s D;hw.sensor_location s D;hw.serial_number s D;hw.state s D \
        =degraded,failed,needs_cleaning,ok,predicted_failure;hw.tape_drive.operation_type s D =mount,unmount,clean;hw.type s D =battery,\
        cpu,disk_controller,enclosure,fan,gpu,logical_disk,memory,network,physical_disk,power_supply,tape_drive,temperature,voltage;\
        hw.vendor s D;ios.app.state s D =active,inactive,background,foreground,terminate;ios.state s D =active,inactive,background,\
        foreground,terminate >ios.app.state;jsonrpc.protocol.version s D;jsonrpc.request.id s D;jvm.buffer.pool.name s D;jvm.gc.action s \
        S;jvm.gc.cause s D;jvm.gc.name s S;jvm.memory.pool.name s S;jvm.memory.type s S =heap,non_heap;jvm.thread.daemon b S;\
        jvm.thread.state s S =new,runnable,blocked,waiting,timed_waiting,terminated;k8s.cluster.name s S;k8s.cluster.uid s S;\
        k8s.container.ephemeral_storage.fs_type s D =rootfs,logs;k8s.container.name s S;k8s.container.restart_count i S;\
        k8s.container.status.last_terminated_reason s D;k8s.container.status.reason s D =ContainerCreating,CrashLoopBackOff,\
        CreateContainerConfigError,ErrImagePull,ImagePullBackOff,OOMKilled,Completed,Error,ContainerCannotRun;k8s.container.status.state \
        s D =terminated,running,waiting;k8s.cronjob.annotation ts S;k8s.cronjob.label ts S;k8s.cronjob.name s S;k8s.cronjob.uid s S;\
        k8s.daemonset.annotation ts S;k8s.daemonset.label ts S;k8s.daemonset.name s S;k8s.daemonset.uid s S;k8s.deployment.annotation ts \
        S;k8s.deployment.label ts S;k8s.deployment.name s S;k8s.deployment.uid s S;k8s.hpa.metric.type s D;k8s.hpa.name s D;\
        k8s.hpa.scaletargetref.api_version s D;k8s.hpa.scaletargetref.kind s D;k8s.hpa.scaletargetref.name s D;k8s.hpa.uid s D;\
        k8s.hugepage.size s D;k8s.job.annotation ts S;k8s.job.label ts S;k8s.job.name s S;k8s.job.uid s S;k8s.namespace.annotation ts S;\
        k8s.namespace.label ts S;k8s.namespace.name s S;k8s.namespace.phase s D =active,terminating;k8s.node.annotation ts S;\
        k8s.node.condition.status s D =true,false,unknown;k8s.node.condition.type s D =Ready,DiskPressure,MemoryPressure,PIDPressure,\
        NetworkUnavailable;k8s.node.label ts S;k8s.node.name s S;k8s.node.system_container.name s D;k8s.node.uid s S;\
        k8s.persistentvolume.annotation ts D;k8s.persistentvolume.label ts D;k8s.persistentvolume.name s D;\
        k8s.persistentvolume.reclaim_policy s D =Delete,Recycle,Retain;k8s.persistentvolume.status.phase s D =Available,Bound,Failed,\
        Pending,Released;k8s.persistentvolume.uid s D;k8s.persistentvolumeclaim.annotation ts D;k8s.persistentvolumeclaim.label ts D;\
        k8s.persistentvolumeclaim.name s D;k8s.persistentvolumeclaim.status.phase s D =Bound,Lost,Pending;k8s.persistentvolumeclaim.uid s \
        D;k8s.pod.annotation ts S;k8s.pod.hostname s S;k8s.pod.ip s S;k8s.pod.label ts S;k8s.pod.labels ts D >k8s.pod.label;k8s.pod.name \
        s S;k8s.pod.start_time s S;k8s.pod.status.phase s D =Pending,Running,Succeeded,Failed,Unknown;k8s.pod.status.reason s D =Evicted,\
        NodeAffinity,NodeLost,Shutdown,UnexpectedAdmissionError;k8s.pod.uid s S;k8s.replicaset.annotation ts S;k8s.replicaset.label ts S;\
        k8s.replicaset.name s S;k8s.replicaset.uid s S;k8s.replicationcontroller.name s D;k8s.replicationcontroller.uid s D;\
        k8s.resourcequota.name s D;k8s.resourcequota.resource_name s D;k8s.resourcequota.uid s D;k8s.service.annotation ts D;\
        k8s.service.endpoint.address_type s D =IPv4,IPv6,FQDN;k8s.service.endpoint.condition s D =ready,serving,terminating;\
        k8s.service.endpoint.zone s D;k8s.service.label ts D;k8s.service.name s D;k8s.service.publish_not_ready_addresses b D;\
        k8s.service.selector ts D;k8s.service.traffic_distribution s D;k8s.service.type s D =ClusterIP,NodePort,LoadBalancer,ExternalName;\
        k8s.service.uid s D;k8s.statefulset.annotation ts S;k8s.statefulset.label ts S;k8s.statefulset.name s S;k8s.statefulset.uid s S;\
        k8s.storageclass.name s D;k8s.volume.name s D;k8s.volume.type s D =persistentVolumeClaim,configMap,downwardAPI,emptyDir,secret,\
        local;linux.memory.slab.state s D =reclaimable,unreclaimable >system.memory.linux.slab.state;log.file.name s D;\
        log.file.name_resolved s D;log.file.path s D;log.file.path_resolved s D;log.iostream s D =stdout,stderr;log.record.original s D;\
        log.record.uid s D;mainframe.lpar.name s D;mcp.method.name s D =notifications/cancelled,initialize,notifications/initialized,\
        notifications/progress,ping,resources/list,resources/templates/list,resources/read,notifications/resources/list_changed,\
        resources/subscribe,resources/unsubscribe,notifications/resources/updated,prompts/list,prompts/get,\
        notifications/prompts/list_changed,tools/list,tools/call,notifications/tools/list_changed,logging/setLevel,notifications/message,\
        sampling/createMessage,completion/complete,roots/list,notifications/roots/list_changed,elicitation/create;mcp.protocol.version s \
        D;mcp.resource.uri s D;mcp.session.id s D;message.compressed_size i D >;message.id i D >;message.type s D =SENT,RECEIVED >;\
        message.uncompressed_size i D >;messaging.batch.message_count i D;messaging.client.id s D;messaging.client_id s D \
        >messaging.client.id;messaging.consumer.group.name s D;messaging.destination.anonymous b D;messaging.destination.name s D;\
        messaging.destination.partition.id s D;messaging.destination.subscription.name s D;messaging.destination.template s D;\
        messaging.destination.temporary b D;messaging.destination_publish.anonymous b D >;messaging.destination_publish.name s D >;\
        messaging.eventhubs.consumer.group s D >messaging.consumer.group.name;messaging.eventhubs.message.enqueued_time i D;\
        messaging.gcp_pubsub.message.ack_deadline i D;messaging.gcp_pubsub.message.ack_id s D;\
        messaging.gcp_pubsub.message.delivery_attempt i D;messaging.gcp_pubsub.message.ordering_key s D;messaging.kafka.cluster.id s D;\
        messaging.kafka.consumer.group s D >messaging.consumer.group.name;messaging.kafka.destination.partition i D \
        >messaging.destination.partition.id;messaging.kafka.message.key s D;messaging.kafka.message.offset i D >messaging.kafka.offset;\
        messaging.kafka.message.tombstone b D;messaging.kafka.offset i D;messaging.message.body.size i D;\
        messaging.message.conversation_id s D;messaging.message.envelope.size i D;messaging.message.id s D;messaging.operation s D \
        >messaging.operation.type;messaging.operation.name s D;messaging.operation.type s D =create,send,receive,process,settle;\
        messaging.rabbitmq.destination.routing_key s D;messaging.rabbitmq.message.delivery_tag i D;messaging.rocketmq.client_group s D \
        >messaging.consumer.group.name;messaging.rocketmq.consumption_model s D =clustering,broadcasting;\
        messaging.rocketmq.message.delay_time_level i D;messaging.rocketmq.message.delivery_timestamp i D;\
        messaging.rocketmq.message.group s D;messaging.rocketmq.message.keys S D;messaging.rocketmq.message.tag s D;\
        messaging.rocketmq.message.type s D =normal,fifo,delay,transaction;messaging.rocketmq.namespace s D;\
        messaging.servicebus.destination.subscription_name s D >messaging.destination.subscription.name;\
        messaging.servicebus.disposition_status s D =complete,abandon,dead_letter,defer;messaging.servicebus.message.delivery_count i D;\
        messaging.servicebus.message.enqueued_time i D;messaging.system s D =activemq,aws.sns,aws_sqs,eventgrid,eventhubs,servicebus,\
        gcp_pubsub,jms,kafka,rabbitmq,rocketmq,pulsar;net.host.ip s D >network.local.address;net.host.name s D >server.address;\
        net.host.port i D >server.port;net.peer.ip s D >network.peer.address;net.peer.name s D >client.address,server.address;\
        net.peer.port i D >client.port,server.port;net.protocol.name s D >network.protocol.name;net.protocol.version s D \
        >network.protocol.version;net.sock.family s D =inet,inet6,unix >network.transport,network.type;net.sock.host.addr s D \
        >network.local.address;net.sock.host.port i D >network.local.port;net.sock.peer.addr s D >network.peer.address;net.sock.peer.name \
        s D >;net.sock.peer.port i D >network.peer.port;net.transport s D =ip_tcp,ip_udp,pipe,inproc,other >network.transport;\
        network.carrier.icc s D;network.carrier.mcc s D;network.carrier.mnc s D;network.carrier.name s D;network.connection.state s D \
        =closed,close_wait,closing,established,fin_wait_1,fin_wait_2,last_ack,listen,syn_received,syn_sent,time_wait;\
        network.connection.subtype s D =gprs,edge,umts,cdma,evdo_0,evdo_a,cdma2000_1xrtt,hsdpa,hsupa,hspa,iden,evdo_b,lte,ehrpd,hspap,gsm,\
        td_scdma,iwlan,nr,nrnsa,lte_ca;network.connection.type s D =wifi,wired,cell,unavailable,unknown;network.interface.name s R;\
        network.io.direction s R =transmit,receive;network.local.address s S;network.local.port i S;network.peer.address s S;\
        network.peer.port i S;network.protocol.name s S;network.protocol.version s S;network.transport s S =tcp,udp,pipe,unix,quic;\
        network.type s S =ipv4,ipv6;nfs.operation.name s D;nfs.server.repcache.status s D;nodejs.eventloop.state s D =active,idle;\
        oci.manifest.digest s D;onc_rpc.procedure.name s D;onc_rpc.procedure.number i D;onc_rpc.program.name s D;onc_rpc.version i D;\
        openai.api.type s D =chat_completions,responses;openai.request.service_tier s D =auto,default;openai.response.service_tier s D;\
        openai.response.system_fingerprint s D;openshift.clusterquota.name s D;openshift.clusterquota.uid s D;opentracing.ref_type s D \
        =child_of,follows_from;oracle.db.domain s R;oracle.db.instance.name s R;oracle.db.name s R;oracle.db.pdb s R;oracle.db.service s \
        R;oracle_cloud.realm s D;os.build_id s D;os.description s D;os.name s D;os.type s D =windows,linux,darwin,freebsd,netbsd,openbsd,\
        dragonflybsd,hpux,aix,solaris,zos;os.version s D;otel.component.name s D;otel.component.type s D =batching_span_processor,\
        simple_span_processor,batching_log_processor,simple_log_processor,otlp_grpc_span_exporter,otlp_http_span_exporter,\
        otlp_http_json_span_exporter,zipkin_http_span_exporter,otlp_grpc_log_exporter,otlp_http_log_exporter,otlp_http_json_log_exporter,\
        periodic_metric_reader,otlp_grpc_metric_exporter,otlp_http_metric_exporter,otlp_http_json_metric_exporter,\
        prometheus_http_text_metric_exporter;otel.event.name s S;otel.library.name s D >otel.scope.name;otel.library.version s D \
        >otel.scope.version;otel.scope.name s S;otel.scope.schema_url s D;otel.scope.version s S;otel.span.parent.origin s D =none,local,\
        remote;otel.span.sampling_result s D =DROP,RECORD_ONLY,RECORD_AND_SAMPLE;otel.status_code s S =OK,ERROR;otel.status_description s \
        S;peer.service s D >service.peer.name;pool.name s D >db.client.connection.pool.name;pprof.location.is_folded b D;\
        pprof.mapping.has_filenames b D;pprof.mapping.has_functions b D;pprof.mapping.has_inline_frames b D;\
        pprof.mapping.has_line_numbers b D;pprof.profile.comment S D;pprof.profile.doc_url s D;pprof.profile.drop_frames s D;\
        pprof.profile.keep_frames s D;pprof.scope.default_sample_type s D;pprof.scope.sample_type_order I D;process.args_count i R;\
        process.command s R;process.command_args S R;process.command_line s R;process.context_switch.type s R =voluntary,involuntary;\
        process.context_switch_type s D =voluntary,involuntary >process.context_switch.type;process.cpu.state s D =system,user,wait \
        >cpu.mode;process.creation.time s R;process.environment_variable ts R;process.executable.build_id.gnu s R;\
        process.executable.build_id.go s R;process.executable.build_id.htlhash s R;process.executable.build_id.profiling s D \
        >process.executable.build_id.htlhash;process.executable.name s R;process.executable.path s R;process.exit.code i R;\
        process.exit.time s R;process.group_leader.pid i R;process.interactive b R;process.linux.cgroup s R;process.owner s R;\
        process.paging.fault_type s D =major,minor >system.paging.fault.type;process.parent_pid i R;process.pid i R;process.real_user.id \
        i R;process.real_user.name s R;process.runtime.description s R;process.runtime.name s R;process.runtime.version s R;\
        process.saved_user.id i R;process.saved_user.name s R;process.session_leader.pid i R;process.state s R =running,sleeping,stopped,\
        defunct;process.title s R;process.user.id i R;process.user.name s R;process.vpid i R;process.working_directory s R;\
        profile.frame.type s D =dotnet,jvm,kernel,native,perl,php,cpython,ruby,v8js,beam,go,rust,luajit;rpc.connect_rpc.error_code s D \
        =cancelled,unknown,invalid_argument,deadline_exceeded,not_found,already_exists,permission_denied,resource_exhausted,\
        failed_precondition,aborted,out_of_range,unimplemented,internal,unavailable,data_loss,unauthenticated >rpc.response.status_code;\
        rpc.connect_rpc.request.metadata tS D >rpc.request.metadata;rpc.connect_rpc.response.metadata tS D >rpc.response.metadata;\
        rpc.grpc.request.metadata tS D >rpc.request.metadata;rpc.grpc.response.metadata tS D >rpc.response.metadata;rpc.grpc.status_code \
        i D =0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 >rpc.response.status_code;rpc.jsonrpc.error_code i D >rpc.response.status_code;\
        rpc.jsonrpc.error_message s D >;rpc.jsonrpc.request_id s D >jsonrpc.request.id;rpc.jsonrpc.version s D >jsonrpc.protocol.version;\
        rpc.message.compressed_size i D >;rpc.message.id i D >;rpc.message.type s D =SENT,RECEIVED >;rpc.message.uncompressed_size i D >;\
        rpc.method s R;rpc.method_original s R;rpc.request.metadata tS D;rpc.response.metadata tS D;rpc.response.status_code s R;\
        rpc.service s D >rpc.method;rpc.system s D =grpc,java_rmi,dotnet_wcf,apache_dubbo,connect_rpc,onc_rpc,jsonrpc >rpc.system.name;\
        rpc.system.name s R =grpc,dubbo,connectrpc,jsonrpc;security_rule.category s D;security_rule.description s D;security_rule.license \
        s D;security_rule.name s D;security_rule.reference s D;security_rule.ruleset.name s D;security_rule.uuid s D;\
        security_rule.version s D;server.address s S;server.port i S;service.criticality s D =critical,high,medium,low;\
        service.instance.id s S;service.name s S;service.namespace s S;service.peer.name s D;service.peer.namespace s D;service.version s \
        S;session.id s D;session.previous_id s D;signalr.connection.status s S =normal_closure,timeout,app_shutdown;signalr.transport s S \
        =server_sent_events,long_polling,web_sockets;source.address s D;source.port i D;state s D =idle,used >db.client.connection.state;\
        system.cpu.logical_number i D >cpu.logical_number;system.cpu.state s D =user,system,nice,idle,iowait,interrupt,steal >cpu.mode;\
        system.device s D;system.filesystem.mode s D;system.filesystem.mountpoint s D;system.filesystem.state s D =used,free,reserved;\
        system.filesystem.type s D =fat32,exfat,ntfs,refs,hfsplus,ext4;system.memory.linux.hugepages.state s D =free,used;\
        system.memory.linux.slab.state s D =reclaimable,unreclaimable;system.memory.state s D =used,free,buffers,cached;\
        system.network.state s D =close,close_wait,closing,delete,established,fin_wait_1,fin_wait_2,last_ack,listen,syn_recv,syn_sent,\
        time_wait >network.connection.state;system.paging.direction s D =in,out;system.paging.fault.type s R =major,minor;\
        system.paging.state s D =used,free;system.paging.type s D =major,minor >system.paging.fault.type;system.process.status s D \
        =running,sleeping,stopped,defunct >process.state;system.processes.status s D =running,sleeping,stopped,defunct >process.state;\
        telemetry.distro.name s S;telemetry.distro.version s S;telemetry.sdk.language s S =cpp,dotnet,erlang,go,java,kotlin,nodejs,php,\
        python,ruby,rust,swift,webjs;telemetry.sdk.name s S;telemetry.sdk.version s S;test.case.name s D;test.case.result.status s D \
        =pass,fail;test.suite.name s D;test.suite.run.status s D =success,failure,skipped,aborted,timed_out,in_progress;thread.id i D;\
        thread.name s D;tls.cipher s D;tls.client.certificate s D;tls.client.certificate_chain S D;tls.client.hash.md5 s D;\
        tls.client.hash.sha1 s D;tls.client.hash.sha256 s D;tls.client.issuer s D;tls.client.ja3 s D;tls.client.not_after s D;\
        tls.client.not_before s D;tls.client.server_name s D >server.address;tls.client.subject s D;tls.client.supported_ciphers S D;\
        tls.curve s D;tls.established b D;tls.next_protocol s D;tls.protocol.name s D =ssl,tls;tls.protocol.version s D;tls.resumed b D;\
        tls.server.certificate s D;tls.server.certificate_chain S D;tls.server.hash.md5 s D;tls.server.hash.sha1 s D;\
        tls.server.hash.sha256 s D;tls.server.issuer s D;tls.server.ja3s s D;tls.server.not_after s D;tls.server.not_before s D;\
        tls.server.subject s D;url.domain s D;url.extension s D;url.fragment s S;url.full s S;url.original s D;url.path s S;url.port i D;\
        url.query s S;url.registered_domain s D;url.scheme s S;url.subdomain s D;url.template s D;url.top_level_domain s D;user.email s D;\
        user.full_name s D;user.hash s D;user.id s D;user.name s D;user.roles S D;user_agent.name s D;user_agent.original s S;\
        user_agent.os.name s D;user_agent.os.version s D;user_agent.synthetic.type s D =bot,test;user_agent.version s D;v8js.gc.type s D \
        =major,minor,incremental,weakcb;v8js.heap.space.name s D =new_space,old_space,code_space,map_space,large_object_space;\
        v8js.resource.type s D =Immediate,TCPServerWrap,TCPWrap,Timeout,TTYWrap;vcs.change.id s R;vcs.change.state s R =open,wip,closed,\
        merged;vcs.change.title s R;vcs.line_change.type s R =added,removed;vcs.owner.name s R;vcs.provider.name s R =github,gitlab,gitea,\
        bitbucket;vcs.ref.base.name s R;vcs.ref.base.revision s R;vcs.ref.base.type s R =branch,tag;vcs.ref.head.name s R;\
        vcs.ref.head.revision s R;vcs.ref.head.type s R =branch,tag;vcs.ref.type s R =branch,tag;vcs.repository.change.id s D \
        >vcs.change.id;vcs.repository.change.title s D >vcs.change.title;vcs.repository.name s R;vcs.repository.ref.name s D \
        >vcs.ref.head.name;vcs.repository.ref.revision s D >vcs.ref.head.revision;vcs.repository.ref.type s D =branch,tag \
        >vcs.ref.head.type;vcs.repository.url.full s R;vcs.revision_delta.direction s R =behind,ahead;webengine.description s D;\
        webengine.name s D;webengine.version s D;zos.smf.id s D;zos.sysplex.name s D
        """
}
