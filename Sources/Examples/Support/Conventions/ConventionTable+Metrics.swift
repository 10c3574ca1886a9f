// The metrics of the table: written by Documentation/Conventions/generate.py.

extension ConventionTable {
    static let metrics = """
        aspnetcore.authentication.authenticate.duration h s D !aspnetcore.authentication.result;aspnetcore.authentication.challenges c \
        {challenge} D;aspnetcore.authentication.forbids c {forbid} D;aspnetcore.authentication.sign_ins c {sign_in} D;\
        aspnetcore.authentication.sign_outs c {sign_out} D;aspnetcore.authorization.attempts c {attempt} D \
        !aspnetcore.user.is_authenticated;aspnetcore.diagnostics.exceptions c {exception} S !aspnetcore.diagnostics.exception.result,\
        error.type;aspnetcore.identity.sign_in.authenticate.duration h s D !aspnetcore.authentication.scheme,\
        aspnetcore.identity.sign_in.type,aspnetcore.identity.user_type;aspnetcore.identity.sign_in.check_password_attempts c {attempt} D \
        !aspnetcore.identity.user_type;aspnetcore.identity.sign_in.sign_ins c {sign_in} D !aspnetcore.authentication.scheme,\
        aspnetcore.identity.user_type;aspnetcore.identity.sign_in.sign_outs c {sign_out} D !aspnetcore.authentication.scheme,\
        aspnetcore.identity.user_type;aspnetcore.identity.sign_in.two_factor_clients_forgotten c {client} D \
        !aspnetcore.authentication.scheme,aspnetcore.identity.user_type;aspnetcore.identity.sign_in.two_factor_clients_remembered c \
        {client} D !aspnetcore.authentication.scheme,aspnetcore.identity.user_type;aspnetcore.identity.user.check_password_attempts c \
        {attempt} D !aspnetcore.identity.user_type;aspnetcore.identity.user.create.duration h s D !aspnetcore.identity.user_type;\
        aspnetcore.identity.user.delete.duration h s D !aspnetcore.identity.user_type;aspnetcore.identity.user.generated_tokens c {count} \
        D !aspnetcore.identity.token_purpose,aspnetcore.identity.user_type;aspnetcore.identity.user.update.duration h s D \
        !aspnetcore.identity.user.update_type,aspnetcore.identity.user_type;aspnetcore.identity.user.verify_token_attempts c {attempt} D \
        !aspnetcore.identity.token_purpose,aspnetcore.identity.user_type;aspnetcore.memory_pool.allocated c By D;\
        aspnetcore.memory_pool.evicted c By D;aspnetcore.memory_pool.pooled u By D;aspnetcore.memory_pool.rented c By D;\
        aspnetcore.rate_limiting.active_request_leases u {request} S;aspnetcore.rate_limiting.queued_requests u {request} S;\
        aspnetcore.rate_limiting.request.time_in_queue h s S !aspnetcore.rate_limiting.result;\
        aspnetcore.rate_limiting.request_lease.duration h s S;aspnetcore.rate_limiting.requests c {request} S \
        !aspnetcore.rate_limiting.result;aspnetcore.routing.match_attempts c {match_attempt} S !aspnetcore.routing.match_status;\
        azure.cosmosdb.client.active_instance.count u {instance} D ~server.address;azure.cosmosdb.client.operation.request_charge h \
        {request_unit} D !db.operation.name ~server.address;cicd.pipeline.run.active u {run} R !cicd.pipeline.name,\
        cicd.pipeline.run.state;cicd.pipeline.run.duration h s R !cicd.pipeline.name,cicd.pipeline.run.state;cicd.pipeline.run.errors c \
        {error} R !cicd.pipeline.name,error.type;cicd.system.errors c {error} R !cicd.system.component,error.type;cicd.worker.count u \
        {worker} R !cicd.worker.state;container.cpu.time c s R;container.cpu.usage g {cpu} D;container.disk.io c By D ~disk.io.direction,\
        system.device;container.filesystem.available u By D;container.filesystem.capacity u By D;container.filesystem.usage u By D;\
        container.memory.available u By R;container.memory.paging.faults c {fault} D ~system.paging.fault.type >container.paging.faults;\
        container.memory.rss u By R;container.memory.usage u By R;container.memory.working_set u By R;container.network.io c By D \
        ~network.interface.name,network.io.direction;container.paging.faults c {fault} D ~system.paging.fault.type;container.uptime g s D;\
        cpu.frequency g {Hz} D >system.cpu.frequency;cpu.time c s D ~cpu.logical_number,cpu.mode >system.cpu.time;cpu.utilization g 1 D \
        ~cpu.logical_number,cpu.mode >system.cpu.utilization;cpython.gc.collected_objects c {object} D !cpython.gc.generation;\
        cpython.gc.collections c {collection} D !cpython.gc.generation;cpython.gc.uncollectable_objects c {object} D \
        !cpython.gc.generation;db.client.connection.count u {connection} D !db.client.connection.pool.name,db.client.connection.state;\
        db.client.connection.create_time h s D !db.client.connection.pool.name;db.client.connection.idle.max u {connection} D \
        !db.client.connection.pool.name;db.client.connection.idle.min u {connection} D !db.client.connection.pool.name;\
        db.client.connection.max u {connection} D !db.client.connection.pool.name;db.client.connection.pending_requests u {request} D \
        !db.client.connection.pool.name;db.client.connection.timeouts c {timeout} D !db.client.connection.pool.name;\
        db.client.connection.use_time h s D !db.client.connection.pool.name;db.client.connection.wait_time h s D \
        !db.client.connection.pool.name;db.client.connections.create_time h ms D !db.client.connections.pool.name \
        >db.client.connection.create_time;db.client.connections.idle.max u {connection} D !db.client.connections.pool.name \
        >db.client.connection.idle.max;db.client.connections.idle.min u {connection} D !db.client.connections.pool.name \
        >db.client.connection.idle.min;db.client.connections.max u {connection} D !db.client.connections.pool.name \
        >db.client.connection.max;db.client.connections.pending_requests u {request} D !db.client.connections.pool.name \
        >db.client.connection.pending_requests;db.client.connections.timeouts c {timeout} D !db.client.connections.pool.name \
        >db.client.connection.timeouts;db.client.connections.usage u {connection} D !db.client.connections.pool.name,\
        db.client.connections.state >db.client.connection.count;db.client.connections.use_time h ms D !db.client.connections.pool.name \
        >db.client.connection.use_time;db.client.connections.wait_time h ms D !db.client.connections.pool.name \
        >db.client.connection.wait_time;db.client.cosmosdb.active_instance.count u {instance} D ~server.address \
        >azure.cosmosdb.client.active_instance.count;db.client.cosmosdb.operation.request_charge h {request_unit} D \
        >azure.cosmosdb.client.operation.request_charge;db.client.operation.duration h s S !db.system.name ~server.address;\
        db.client.response.returned_rows h {row} D !db.system.name ~server.address;dns.lookup.duration h s D !dns.question.name;\
        dotnet.assembly.count u {assembly} S;dotnet.exceptions c {exception} S !error.type;dotnet.gc.collections c {collection} S \
        !dotnet.gc.heap.generation;dotnet.gc.heap.total_allocated c By S;dotnet.gc.last_collection.heap.fragmentation.size u By S \
        !dotnet.gc.heap.generation;dotnet.gc.last_collection.heap.size u By S !dotnet.gc.heap.generation;\
        dotnet.gc.last_collection.memory.committed_size u By S;dotnet.gc.pause.time c s S;dotnet.jit.compilation.time c s S;\
        dotnet.jit.compiled_il.size c By S;dotnet.jit.compiled_methods c {method} S;dotnet.monitor.lock_contentions c {contention} S;\
        dotnet.process.cpu.count u {cpu} S;dotnet.process.cpu.time c s S !cpu.mode;dotnet.process.memory.working_set u By S;\
        dotnet.thread_pool.queue.length u {work_item} S;dotnet.thread_pool.thread.count u {thread} S;dotnet.thread_pool.work_item.count c \
        {work_item} S;dotnet.timer.count u {timer} S;faas.coldstarts c {coldstart} D ~faas.trigger;faas.cpu_usage h s D ~faas.trigger;\
        faas.errors c {error} D ~faas.trigger;faas.init_duration h s D ~faas.trigger;faas.invocations c {invocation} D ~faas.trigger;\
        faas.invoke_duration h s D ~faas.trigger;faas.mem_usage h By D ~faas.trigger;faas.net_io h By D ~faas.trigger;faas.timeouts c \
        {timeout} D ~faas.trigger;gen_ai.client.operation.duration h s D !gen_ai.operation.name,gen_ai.provider.name \
        ~gen_ai.response.model,server.address;gen_ai.client.operation.time_per_output_chunk h s D !gen_ai.operation.name,\
        gen_ai.provider.name ~gen_ai.response.model,server.address;gen_ai.client.operation.time_to_first_chunk h s D \
        !gen_ai.operation.name,gen_ai.provider.name ~gen_ai.response.model,server.address;gen_ai.client.token.usage h {token} D \
        !gen_ai.operation.name,gen_ai.provider.name,gen_ai.token.type ~gen_ai.response.model,server.address;\
        gen_ai.server.request.duration h s D !gen_ai.operation.name,gen_ai.provider.name ~gen_ai.response.model,server.address;\
        gen_ai.server.time_per_output_token h s D !gen_ai.operation.name,gen_ai.provider.name ~gen_ai.response.model,server.address;\
        gen_ai.server.time_to_first_token h s D !gen_ai.operation.name,gen_ai.provider.name ~gen_ai.response.model,server.address;\
        go.config.gogc u % D;go.cpu.time c s D !go.cpu.state;go.goroutine.count u {goroutine} D;go.memory.allocated c By D;\
        go.memory.allocations c {allocation} D;go.memory.gc.cycles c {gc_cycle} D;go.memory.gc.goal u By D;go.memory.gc.pause.duration h \
        s D;go.memory.limit u By D;go.memory.used u By D ~go.memory.type;go.processor.limit u {thread} D;go.schedule.duration h s D;\
        http.client.active_requests u {request} D !server.address,server.port ~http.request.method;http.client.connection.duration h s D \
        !server.address,server.port ~network.protocol.version;http.client.open_connections u {connection} D !http.connection.state,\
        server.address,server.port ~network.protocol.version;http.client.request.body.size h By D !http.request.method,server.address,\
        server.port ~network.protocol.version;http.client.request.duration h s S !http.request.method,server.address,server.port \
        ~network.protocol.version;http.client.response.body.size h By D !http.request.method,server.address,server.port \
        ~network.protocol.version;http.server.active_requests u {request} D !http.request.method,url.scheme;http.server.request.body.size \
        h By D !http.request.method,url.scheme ~network.protocol.version;http.server.request.duration h s S !http.request.method,\
        url.scheme ~network.protocol.version;http.server.response.body.size h By D !http.request.method,url.scheme \
        ~network.protocol.version;hw.battery.charge g 1 D !hw.id ~hw.battery.capacity,hw.battery.chemistry,hw.model,hw.name,hw.parent,\
        hw.vendor;hw.battery.charge.limit g 1 D !hw.id ~hw.battery.capacity,hw.battery.chemistry,hw.limit_type,hw.model,hw.name,hw.parent,\
        hw.vendor;hw.battery.time_left g s D !hw.id,hw.state ~hw.battery.capacity,hw.battery.chemistry,hw.model,hw.name,hw.parent,\
        hw.vendor;hw.cpu.speed g Hz D !hw.id ~hw.model,hw.name,hw.parent,hw.vendor;hw.cpu.speed.limit g Hz D !hw.id ~hw.limit_type,\
        hw.model,hw.name,hw.parent,hw.vendor;hw.energy c J D !hw.id,hw.type ~hw.name,hw.parent;hw.errors c {error} D !hw.id,hw.type \
        ~hw.name,hw.parent;hw.fan.speed g rpm D !hw.id ~hw.name,hw.parent,hw.sensor_location;hw.fan.speed.limit g rpm D !hw.id \
        ~hw.limit_type,hw.name,hw.parent,hw.sensor_location;hw.fan.speed_ratio g 1 D !hw.id ~hw.name,hw.parent,hw.sensor_location;\
        hw.gpu.io c By D !hw.id,network.io.direction ~hw.driver_version,hw.firmware_version,hw.model,hw.name,hw.parent,hw.serial_number,\
        hw.vendor;hw.gpu.memory.limit u By D !hw.id ~hw.driver_version,hw.firmware_version,hw.model,hw.name,hw.parent,hw.serial_number,\
        hw.vendor;hw.gpu.memory.usage u By D !hw.id ~hw.driver_version,hw.firmware_version,hw.model,hw.name,hw.parent,hw.serial_number,\
        hw.vendor;hw.gpu.memory.utilization g 1 D !hw.id ~hw.driver_version,hw.firmware_version,hw.model,hw.name,hw.parent,\
        hw.serial_number,hw.vendor;hw.gpu.utilization g 1 D !hw.id ~hw.driver_version,hw.firmware_version,hw.gpu.task,hw.model,hw.name,\
        hw.parent,hw.serial_number,hw.vendor;hw.host.ambient_temperature g Cel D !hw.id ~hw.name,hw.parent;hw.host.energy c J D !hw.id \
        ~hw.name,hw.parent;hw.host.heating_margin g Cel D !hw.id ~hw.name,hw.parent;hw.host.power g W D !hw.id ~hw.name,hw.parent;\
        hw.logical_disk.limit u By D !hw.id ~hw.logical_disk.raid_level,hw.name,hw.parent;hw.logical_disk.usage u By D !hw.id,\
        hw.logical_disk.state ~hw.logical_disk.raid_level,hw.name,hw.parent;hw.logical_disk.utilization g 1 D !hw.id,\
        hw.logical_disk.state ~hw.logical_disk.raid_level,hw.name,hw.parent;hw.memory.size u By D !hw.id ~hw.memory.type,hw.model,hw.name,\
        hw.parent,hw.serial_number,hw.vendor;hw.network.bandwidth.limit u By/s D !hw.id ~hw.model,hw.name,hw.network.logical_addresses,\
        hw.network.physical_address,hw.parent,hw.serial_number,hw.vendor;hw.network.bandwidth.utilization g 1 D !hw.id ~hw.model,hw.name,\
        hw.network.logical_addresses,hw.network.physical_address,hw.parent,hw.serial_number,hw.vendor;hw.network.io c By D !hw.id,\
        network.io.direction ~hw.model,hw.name,hw.network.logical_addresses,hw.network.physical_address,hw.parent,hw.serial_number,\
        hw.vendor;hw.network.packets c {packet} D !hw.id,network.io.direction ~hw.model,hw.name,hw.network.logical_addresses,\
        hw.network.physical_address,hw.parent,hw.serial_number,hw.vendor;hw.network.up u 1 D !hw.id ~hw.model,hw.name,\
        hw.network.logical_addresses,hw.network.physical_address,hw.parent,hw.serial_number,hw.vendor;\
        hw.physical_disk.endurance_utilization g 1 D !hw.id,hw.physical_disk.state ~hw.firmware_version,hw.model,hw.name,hw.parent,\
        hw.physical_disk.type,hw.serial_number,hw.vendor;hw.physical_disk.size u By D !hw.id ~hw.firmware_version,hw.model,hw.name,\
        hw.parent,hw.physical_disk.type,hw.serial_number,hw.vendor;hw.physical_disk.smart g 1 D !hw.id ~hw.firmware_version,hw.model,\
        hw.name,hw.parent,hw.physical_disk.smart_attribute,hw.physical_disk.type,hw.serial_number,hw.vendor;hw.power g W D !hw.id,hw.type \
        ~hw.name,hw.parent;hw.power_supply.limit u W D !hw.id ~hw.limit_type,hw.model,hw.name,hw.parent,hw.serial_number,hw.vendor;\
        hw.power_supply.usage u W D !hw.id ~hw.model,hw.name,hw.parent,hw.serial_number,hw.vendor;hw.power_supply.utilization g 1 D \
        !hw.id ~hw.model,hw.name,hw.parent,hw.serial_number,hw.vendor;hw.status u 1 D !hw.id,hw.state,hw.type ~hw.name,hw.parent;\
        hw.tape_drive.operations c {operation} D !hw.id ~hw.model,hw.name,hw.parent,hw.serial_number,hw.tape_drive.operation_type,\
        hw.vendor;hw.temperature g Cel D !hw.id ~hw.name,hw.parent,hw.sensor_location;hw.temperature.limit g Cel D !hw.id ~hw.limit_type,\
        hw.name,hw.parent,hw.sensor_location;hw.voltage g V D !hw.id ~hw.name,hw.parent,hw.sensor_location;hw.voltage.limit g V D !hw.id \
        ~hw.limit_type,hw.name,hw.parent,hw.sensor_location;hw.voltage.nominal g V D !hw.id ~hw.name,hw.parent,hw.sensor_location;\
        jvm.buffer.count u {buffer} D ~jvm.buffer.pool.name;jvm.buffer.memory.limit u By D ~jvm.buffer.pool.name;jvm.buffer.memory.usage \
        u By D ~jvm.buffer.pool.name >jvm.buffer.memory.used;jvm.buffer.memory.used u By D ~jvm.buffer.pool.name;jvm.class.count u \
        {class} S;jvm.class.loaded c {class} S;jvm.class.unloaded c {class} S;jvm.cpu.count u {cpu} S;jvm.cpu.recent_utilization g 1 S;\
        jvm.cpu.time c s S;jvm.file_descriptor.count u {file_descriptor} D;jvm.file_descriptor.limit u {file_descriptor} D;\
        jvm.gc.duration h s S ~jvm.gc.action,jvm.gc.name;jvm.memory.committed u By S ~jvm.memory.pool.name,jvm.memory.type;\
        jvm.memory.init u By D ~jvm.memory.pool.name,jvm.memory.type;jvm.memory.limit u By S ~jvm.memory.pool.name,jvm.memory.type;\
        jvm.memory.used u By S ~jvm.memory.pool.name,jvm.memory.type;jvm.memory.used_after_last_gc u By S ~jvm.memory.pool.name,\
        jvm.memory.type;jvm.system.cpu.load_1m g {run_queue_item} D;jvm.system.cpu.utilization g 1 D;jvm.thread.count u {thread} S \
        ~jvm.thread.daemon,jvm.thread.state;k8s.container.cpu.limit u {cpu} D >k8s.container.cpu.limit.desired;\
        k8s.container.cpu.limit.current u {cpu} D;k8s.container.cpu.limit.desired u {cpu} D;k8s.container.cpu.limit.utilization g 1 D;\
        k8s.container.cpu.limit_utilization g 1 D >k8s.container.cpu.limit.utilization;k8s.container.cpu.request u {cpu} D \
        >k8s.container.cpu.request.desired;k8s.container.cpu.request.current u {cpu} D;k8s.container.cpu.request.desired u {cpu} D;\
        k8s.container.cpu.request.utilization g 1 D;k8s.container.cpu.request_utilization g 1 D >k8s.container.cpu.request.utilization;\
        k8s.container.ephemeral_storage.limit u By D;k8s.container.ephemeral_storage.request u By D;k8s.container.ephemeral_storage.usage \
        u By D !k8s.container.ephemeral_storage.fs_type;k8s.container.memory.limit u By D >k8s.container.memory.limit.desired;\
        k8s.container.memory.limit.current u By D;k8s.container.memory.limit.desired u By D;k8s.container.memory.request u By D \
        >k8s.container.memory.request.desired;k8s.container.memory.request.current u By D;k8s.container.memory.request.desired u By D;\
        k8s.container.ready u {container} D;k8s.container.restart.count u {restart} D;k8s.container.status.reason u {container} D \
        !k8s.container.status.reason;k8s.container.status.state u {container} D !k8s.container.status.state;k8s.container.storage.limit u \
        By D;k8s.container.storage.request u By D;k8s.cronjob.active_jobs u {job} D >k8s.cronjob.job.active;k8s.cronjob.job.active u \
        {job} D;k8s.daemonset.current_scheduled_nodes u {node} D >k8s.daemonset.node.current_scheduled;\
        k8s.daemonset.desired_scheduled_nodes u {node} D >k8s.daemonset.node.desired_scheduled;k8s.daemonset.misscheduled_nodes u {node} \
        D >k8s.daemonset.node.misscheduled;k8s.daemonset.node.current_scheduled u {node} D;k8s.daemonset.node.desired_scheduled u {node} \
        D;k8s.daemonset.node.misscheduled u {node} D;k8s.daemonset.node.ready u {node} D;k8s.daemonset.ready_nodes u {node} D \
        >k8s.daemonset.node.ready;k8s.deployment.available_pods u {pod} D >k8s.deployment.pod.available;k8s.deployment.desired_pods u \
        {pod} D >k8s.deployment.pod.desired;k8s.deployment.pod.available u {pod} D;k8s.deployment.pod.desired u {pod} D;\
        k8s.hpa.current_pods u {pod} D >k8s.hpa.pod.current;k8s.hpa.desired_pods u {pod} D >k8s.hpa.pod.desired;k8s.hpa.max_pods u {pod} \
        D >k8s.hpa.pod.max;k8s.hpa.metric.target.cpu.average_utilization g 1 D ~k8s.hpa.metric.type;\
        k8s.hpa.metric.target.cpu.average_value g {cpu} D ~k8s.hpa.metric.type;k8s.hpa.metric.target.cpu.value g {cpu} D \
        ~k8s.hpa.metric.type;k8s.hpa.min_pods u {pod} D >k8s.hpa.pod.min;k8s.hpa.pod.current u {pod} D;k8s.hpa.pod.desired u {pod} D;\
        k8s.hpa.pod.max u {pod} D;k8s.hpa.pod.min u {pod} D;k8s.job.active_pods u {pod} D >k8s.job.pod.active;\
        k8s.job.desired_successful_pods u {pod} D >k8s.job.pod.desired_successful;k8s.job.failed_pods u {pod} D >k8s.job.pod.failed;\
        k8s.job.max_parallel_pods u {pod} D >k8s.job.pod.max_parallel;k8s.job.pod.active u {pod} D;k8s.job.pod.desired_successful u {pod} \
        D;k8s.job.pod.failed u {pod} D;k8s.job.pod.max_parallel u {pod} D;k8s.job.pod.successful u {pod} D;k8s.job.successful_pods u \
        {pod} D >k8s.job.pod.successful;k8s.namespace.phase u {namespace} D !k8s.namespace.phase;k8s.node.allocatable.cpu u {cpu} D \
        >k8s.node.cpu.allocatable;k8s.node.allocatable.ephemeral_storage u By D >k8s.node.ephemeral_storage.allocatable;\
        k8s.node.allocatable.memory u By D >k8s.node.memory.allocatable;k8s.node.allocatable.pods u {pod} D >k8s.node.pod.allocatable;\
        k8s.node.condition.status u {node} D !k8s.node.condition.status,k8s.node.condition.type;k8s.node.cpu.allocatable u {cpu} D;\
        k8s.node.cpu.time c s R;k8s.node.cpu.usage g {cpu} D;k8s.node.ephemeral_storage.allocatable u By D;k8s.node.filesystem.available \
        u By D;k8s.node.filesystem.capacity u By D;k8s.node.filesystem.inode.count u {inode} D;k8s.node.filesystem.inode.free u {inode} D;\
        k8s.node.filesystem.usage u By D;k8s.node.memory.allocatable u By D;k8s.node.memory.available u By R;\
        k8s.node.memory.paging.faults c {fault} D ~system.paging.fault.type >k8s.node.paging.faults;k8s.node.memory.rss u By R;\
        k8s.node.memory.usage u By R;k8s.node.memory.working_set u By R;k8s.node.network.errors c {error} D ~network.interface.name,\
        network.io.direction;k8s.node.network.io c By D ~network.interface.name,network.io.direction;k8s.node.paging.faults c {fault} D \
        ~system.paging.fault.type;k8s.node.pod.allocatable u {pod} D;k8s.node.system_container.cpu.time c s D;\
        k8s.node.system_container.cpu.usage g {cpu} D;k8s.node.system_container.memory.usage u By D;\
        k8s.node.system_container.memory.working_set u By D;k8s.node.uptime g s D;k8s.persistentvolume.status.phase u {persistentvolume} \
        D !k8s.persistentvolume.status.phase;k8s.persistentvolume.storage.capacity u By D;k8s.persistentvolumeclaim.status.phase u \
        {persistentvolumeclaim} D !k8s.persistentvolumeclaim.status.phase;k8s.persistentvolumeclaim.storage.capacity u By D;\
        k8s.persistentvolumeclaim.storage.request u By D;k8s.pod.cpu.time c s R;k8s.pod.cpu.usage g {cpu} D;k8s.pod.filesystem.available \
        u By D;k8s.pod.filesystem.capacity u By D;k8s.pod.filesystem.usage u By D;k8s.pod.memory.available u By R;\
        k8s.pod.memory.paging.faults c {fault} D ~system.paging.fault.type >k8s.pod.paging.faults;k8s.pod.memory.rss u By R;\
        k8s.pod.memory.usage u By R;k8s.pod.memory.working_set u By R;k8s.pod.network.errors c {error} D ~network.interface.name,\
        network.io.direction;k8s.pod.network.io c By D ~network.interface.name,network.io.direction;k8s.pod.paging.faults c {fault} D \
        ~system.paging.fault.type;k8s.pod.status.phase u {pod} D !k8s.pod.status.phase;k8s.pod.status.reason u {pod} D \
        !k8s.pod.status.reason;k8s.pod.uptime g s D;k8s.pod.volume.available u By D !k8s.volume.name ~k8s.volume.type;\
        k8s.pod.volume.capacity u By D !k8s.volume.name ~k8s.volume.type;k8s.pod.volume.inode.count u {inode} D !k8s.volume.name \
        ~k8s.volume.type;k8s.pod.volume.inode.free u {inode} D !k8s.volume.name ~k8s.volume.type;k8s.pod.volume.inode.used u {inode} D \
        !k8s.volume.name ~k8s.volume.type;k8s.pod.volume.usage u By D !k8s.volume.name ~k8s.volume.type;k8s.replicaset.available_pods u \
        {pod} D >k8s.replicaset.pod.available;k8s.replicaset.desired_pods u {pod} D >k8s.replicaset.pod.desired;\
        k8s.replicaset.pod.available u {pod} D;k8s.replicaset.pod.desired u {pod} D;k8s.replication_controller.available_pods u {pod} D \
        >k8s.replicationcontroller.pod.available;k8s.replication_controller.desired_pods u {pod} D >k8s.replicationcontroller.pod.desired;\
        k8s.replicationcontroller.available_pods u {pod} D >k8s.replicationcontroller.pod.available;\
        k8s.replicationcontroller.desired_pods u {pod} D >k8s.replicationcontroller.pod.desired;k8s.replicationcontroller.pod.available u \
        {pod} D;k8s.replicationcontroller.pod.desired u {pod} D;k8s.resourcequota.cpu.limit.hard u {cpu} D;\
        k8s.resourcequota.cpu.limit.used u {cpu} D;k8s.resourcequota.cpu.request.hard u {cpu} D;k8s.resourcequota.cpu.request.used u \
        {cpu} D;k8s.resourcequota.ephemeral_storage.limit.hard u By D;k8s.resourcequota.ephemeral_storage.limit.used u By D;\
        k8s.resourcequota.ephemeral_storage.request.hard u By D;k8s.resourcequota.ephemeral_storage.request.used u By D;\
        k8s.resourcequota.hugepage_count.request.hard u {hugepage} D !k8s.hugepage.size;k8s.resourcequota.hugepage_count.request.used u \
        {hugepage} D !k8s.hugepage.size;k8s.resourcequota.memory.limit.hard u By D;k8s.resourcequota.memory.limit.used u By D;\
        k8s.resourcequota.memory.request.hard u By D;k8s.resourcequota.memory.request.used u By D;k8s.resourcequota.object_count.hard u \
        {object} D !k8s.resourcequota.resource_name;k8s.resourcequota.object_count.used u {object} D !k8s.resourcequota.resource_name;\
        k8s.resourcequota.persistentvolumeclaim_count.hard u {persistentvolumeclaim} D;k8s.resourcequota.persistentvolumeclaim_count.used \
        u {persistentvolumeclaim} D;k8s.resourcequota.storage.request.hard u By D;k8s.resourcequota.storage.request.used u By D;\
        k8s.service.endpoint.count g {endpoint} D !k8s.service.endpoint.address_type,k8s.service.endpoint.condition \
        ~k8s.service.endpoint.zone;k8s.service.load_balancer.ingress.count g {ingress} D;k8s.statefulset.current_pods u {pod} D \
        >k8s.statefulset.pod.current;k8s.statefulset.desired_pods u {pod} D >k8s.statefulset.pod.desired;k8s.statefulset.pod.current u \
        {pod} D;k8s.statefulset.pod.desired u {pod} D;k8s.statefulset.pod.ready u {pod} D;k8s.statefulset.pod.updated u {pod} D;\
        k8s.statefulset.ready_pods u {pod} D >k8s.statefulset.pod.ready;k8s.statefulset.updated_pods u {pod} D \
        >k8s.statefulset.pod.updated;kestrel.active_connections u {connection} S ~network.transport,server.address,server.port;\
        kestrel.active_tls_handshakes u {handshake} S ~network.transport,server.address,server.port;kestrel.connection.duration h s S \
        ~network.protocol.name,network.protocol.version,network.transport,server.address,server.port,tls.protocol.version;\
        kestrel.queued_connections u {connection} S ~network.transport,server.address,server.port;kestrel.queued_requests u {request} S \
        ~network.protocol.name,network.protocol.version,network.transport,server.address,server.port;kestrel.rejected_connections c \
        {connection} S ~network.transport,server.address,server.port;kestrel.tls_handshake.duration h s S ~network.transport,\
        server.address,server.port,tls.protocol.version;kestrel.upgraded_connections u {connection} S ~network.transport,server.address,\
        server.port;mcp.client.operation.duration h s D !mcp.method.name ~mcp.protocol.version,network.transport;\
        mcp.client.session.duration h s D ~mcp.protocol.version,network.transport;mcp.server.operation.duration h s D !mcp.method.name \
        ~mcp.protocol.version,network.transport;mcp.server.session.duration h s D ~mcp.protocol.version,network.transport;\
        messaging.client.consumed.messages c {message} D !messaging.operation.name,messaging.system ~messaging.destination.partition.id,\
        server.port;messaging.client.operation.duration h s D !messaging.operation.name,messaging.system \
        ~messaging.destination.partition.id,server.port;messaging.client.published.messages c {message} D !messaging.operation.name,\
        messaging.system ~messaging.destination.partition.id,server.port >messaging.client.sent.messages;messaging.client.sent.messages c \
        {message} D !messaging.operation.name,messaging.system ~messaging.destination.partition.id,server.port;messaging.process.duration \
        h s D !messaging.operation.name,messaging.system ~messaging.destination.partition.id,server.port;messaging.process.messages c \
        {message} D !messaging.operation.name ~server.port >messaging.client.consumed.messages;messaging.publish.duration h s D \
        !messaging.operation.name ~server.port >messaging.client.operation.duration;messaging.publish.messages c {message} D \
        !messaging.operation.name ~server.port >messaging.client.sent.messages;messaging.receive.duration h s D !messaging.operation.name \
        ~server.port >messaging.client.operation.duration;messaging.receive.messages c {message} D !messaging.operation.name ~server.port \
        >messaging.client.consumed.messages;nfs.client.net.count c {record} D ~network.transport;nfs.client.net.tcp.connection.accepted c \
        {connection} D;nfs.client.operation.count c {operation} D ~nfs.operation.name,onc_rpc.version;nfs.client.procedure.count c \
        {procedure} D ~onc_rpc.procedure.name,onc_rpc.version;nfs.client.rpc.authrefresh.count c {authrefresh} D;nfs.client.rpc.count c \
        {request} D;nfs.client.rpc.retransmit.count c {retransmit} D;nfs.server.fh.stale.count c {fh} D;nfs.server.io c By D \
        ~network.io.direction;nfs.server.net.count c {record} D ~network.transport;nfs.server.net.tcp.connection.accepted c {connection} \
        D;nfs.server.operation.count c {operation} D ~nfs.operation.name,onc_rpc.version;nfs.server.procedure.count c {procedure} D \
        ~onc_rpc.procedure.name,onc_rpc.version;nfs.server.repcache.requests c {request} D ~nfs.server.repcache.status;\
        nfs.server.rpc.count c {request} D ~error.type;nfs.server.thread.count u {thread} D;nodejs.eventloop.delay.max g s D;\
        nodejs.eventloop.delay.mean g s D;nodejs.eventloop.delay.min g s D;nodejs.eventloop.delay.p50 g s D;nodejs.eventloop.delay.p90 g \
        s D;nodejs.eventloop.delay.p99 g s D;nodejs.eventloop.delay.stddev g s D;nodejs.eventloop.time c s D !nodejs.eventloop.state;\
        nodejs.eventloop.utilization g 1 D;openshift.clusterquota.cpu.limit.hard u {cpu} D;openshift.clusterquota.cpu.limit.used u {cpu} \
        D;openshift.clusterquota.cpu.request.hard u {cpu} D;openshift.clusterquota.cpu.request.used u {cpu} D;\
        openshift.clusterquota.ephemeral_storage.limit.hard u By D;openshift.clusterquota.ephemeral_storage.limit.used u By D;\
        openshift.clusterquota.ephemeral_storage.request.hard u By D;openshift.clusterquota.ephemeral_storage.request.used u By D;\
        openshift.clusterquota.hugepage_count.request.hard u {hugepage} D !k8s.hugepage.size;\
        openshift.clusterquota.hugepage_count.request.used u {hugepage} D !k8s.hugepage.size;openshift.clusterquota.memory.limit.hard u \
        By D;openshift.clusterquota.memory.limit.used u By D;openshift.clusterquota.memory.request.hard u By D;\
        openshift.clusterquota.memory.request.used u By D;openshift.clusterquota.object_count.hard u {object} D \
        !k8s.resourcequota.resource_name;openshift.clusterquota.object_count.used u {object} D !k8s.resourcequota.resource_name;\
        openshift.clusterquota.persistentvolumeclaim_count.hard u {persistentvolumeclaim} D;\
        openshift.clusterquota.persistentvolumeclaim_count.used u {persistentvolumeclaim} D;openshift.clusterquota.storage.request.hard u \
        By D;openshift.clusterquota.storage.request.used u By D;otel.sdk.exporter.log.exported c {log_record} D ~error.type,\
        otel.component.name,otel.component.type;otel.sdk.exporter.log.inflight u {log_record} D ~otel.component.name,otel.component.type;\
        otel.sdk.exporter.metric_data_point.exported c {data_point} D ~error.type,otel.component.name,otel.component.type;\
        otel.sdk.exporter.metric_data_point.inflight u {data_point} D ~otel.component.name,otel.component.type;\
        otel.sdk.exporter.operation.duration h s D ~otel.component.name,otel.component.type;otel.sdk.exporter.span.exported c {span} D \
        ~error.type,otel.component.name,otel.component.type;otel.sdk.exporter.span.exported.count u {span} D \
        >otel.sdk.exporter.span.exported;otel.sdk.exporter.span.inflight u {span} D ~otel.component.name,otel.component.type;\
        otel.sdk.exporter.span.inflight.count u {span} D >otel.sdk.exporter.span.inflight;otel.sdk.log.created c {log_record} D;\
        otel.sdk.metric_reader.collection.duration h s D ~error.type,otel.component.name,otel.component.type;\
        otel.sdk.processor.log.processed c {log_record} D ~error.type,otel.component.name,otel.component.type;\
        otel.sdk.processor.log.queue.capacity u {log_record} D ~otel.component.name,otel.component.type;otel.sdk.processor.log.queue.size \
        u {log_record} D ~otel.component.name,otel.component.type;otel.sdk.processor.span.processed c {span} D ~error.type,\
        otel.component.name,otel.component.type;otel.sdk.processor.span.processed.count u {span} D >otel.sdk.processor.span.processed;\
        otel.sdk.processor.span.queue.capacity u {span} D ~otel.component.name,otel.component.type;otel.sdk.processor.span.queue.size u \
        {span} D ~otel.component.name,otel.component.type;otel.sdk.span.ended c {span} D >;otel.sdk.span.ended.count c {span} D >;\
        otel.sdk.span.live u {span} D ~otel.span.sampling_result;otel.sdk.span.live.count u {span} D >otel.sdk.span.live;\
        otel.sdk.span.started c {span} D ~otel.span.parent.origin,otel.span.sampling_result;process.context_switches c {context_switch} R \
        !process.context_switch.type;process.cpu.time c s R !cpu.mode;process.cpu.utilization g 1 R !cpu.mode;process.disk.io c By R \
        !disk.io.direction;process.disk.operations c {operation} D !disk.io.direction;process.memory.usage u By R;\
        process.memory.utilization g 1 D;process.memory.virtual u By R;process.network.io c By R !network.io.direction;\
        process.open_file_descriptor.count u {file_descriptor} D >process.unix.file_descriptor.count;process.paging.faults c {fault} R \
        ~system.paging.fault.type;process.signals_pending u {signal} D;process.thread.count u {thread} R;\
        process.unix.file_descriptor.count u {file_descriptor} R;process.uptime g s R;process.windows.handle.count u {handle} R;\
        rpc.client.call.duration h s R !rpc.system.name;rpc.client.duration h ms D !rpc.system.name >rpc.client.call.duration;\
        rpc.client.request.size h By D !rpc.system.name >;rpc.client.requests_per_rpc h {count} D !rpc.system.name >;\
        rpc.client.response.size h By D !rpc.system.name >;rpc.client.responses_per_rpc h {count} D !rpc.system.name >;\
        rpc.server.call.duration h s R !rpc.system.name;rpc.server.duration h ms D !rpc.system.name >rpc.server.call.duration;\
        rpc.server.request.size h By D !rpc.system.name >;rpc.server.requests_per_rpc h {count} D !rpc.system.name >;\
        rpc.server.response.size h By D !rpc.system.name >;rpc.server.responses_per_rpc h {count} D !rpc.system.name >;\
        signalr.server.active_connections u {connection} S ~signalr.connection.status,signalr.transport;\
        signalr.server.connection.duration h s S ~signalr.connection.status,signalr.transport;system.cpu.frequency g Hz D \
        ~cpu.logical_number;system.cpu.logical.count u {cpu} D;system.cpu.physical.count u {cpu} D;system.cpu.time c s D ~cpu.mode;\
        system.cpu.utilization g 1 D ~cpu.mode;system.disk.io c By D ~disk.io.direction,system.device;system.disk.io_time c s D \
        ~system.device;system.disk.limit u By D ~system.device;system.disk.merged c {operation} D ~disk.io.direction,system.device;\
        system.disk.operation_time c s D ~disk.io.direction,system.device;system.disk.operations c {operation} D ~disk.io.direction,\
        system.device;system.filesystem.limit u By D ~system.device,system.filesystem.mode,system.filesystem.mountpoint,\
        system.filesystem.type;system.filesystem.lock.count u {lock} D ~file.lock.mechanism,file.lock.mode,file.lock.type,system.device;\
        system.filesystem.usage u By D ~system.device,system.filesystem.mode,system.filesystem.mountpoint,system.filesystem.state,\
        system.filesystem.type;system.filesystem.utilization g 1 D ~system.device,system.filesystem.mode,system.filesystem.mountpoint,\
        system.filesystem.state,system.filesystem.type;system.linux.memory.available c {packet} D >system.memory.linux.available;\
        system.linux.memory.slab.usage c {packet} D ~linux.memory.slab.state >system.memory.linux.slab.usage;system.memory.limit u By D;\
        system.memory.linux.available u By D;system.memory.linux.hugepages.limit u {page} D;system.memory.linux.hugepages.page_size u By \
        D;system.memory.linux.hugepages.reserved u {page} D;system.memory.linux.hugepages.surplus u {page} D;\
        system.memory.linux.hugepages.usage u {page} D ~system.memory.linux.hugepages.state;system.memory.linux.hugepages.utilization g 1 \
        D ~system.memory.linux.hugepages.state;system.memory.linux.shared u By D;system.memory.linux.slab.usage u By D \
        ~system.memory.linux.slab.state;system.memory.shared u By D >system.memory.linux.shared;system.memory.usage u By D \
        ~system.memory.state;system.memory.utilization g 1 D ~system.memory.state;system.network.connection.count u {connection} D \
        ~network.connection.state,network.interface.name,network.transport;system.network.connections u {connection} D \
        ~network.connection.state,network.interface.name,network.transport >system.network.connection.count;system.network.dropped c \
        {packet} D ~network.interface.name,network.io.direction >system.network.packet.dropped;system.network.errors c {error} D \
        ~network.interface.name,network.io.direction;system.network.io c By D ~network.interface.name,network.io.direction;\
        system.network.packet.count c {packet} D ~network.io.direction,system.device;system.network.packet.dropped c {packet} D \
        ~network.interface.name,network.io.direction;system.network.packets c {packet} D ~network.io.direction,system.device \
        >system.network.packet.count;system.paging.faults c {fault} D ~system.paging.fault.type;system.paging.operations c {operation} D \
        ~system.paging.direction,system.paging.fault.type;system.paging.usage u By D ~system.device,system.paging.state;\
        system.paging.utilization g 1 D ~system.device,system.paging.state;system.process.count u {process} D ~process.state;\
        system.process.created c {process} D;system.process.limit u {thread} D;system.uptime g s D;v8js.gc.duration h s D !v8js.gc.type;\
        v8js.heap.space.available_size u By D !v8js.heap.space.name >v8js.memory.heap.space.available_size;v8js.heap.space.physical_size \
        u By D !v8js.heap.space.name >v8js.memory.heap.space.physical_size;v8js.memory.heap.limit u By D >v8js.memory.heap.space.size;\
        v8js.memory.heap.space.available_size u By D !v8js.heap.space.name;v8js.memory.heap.space.physical_size u By D \
        !v8js.heap.space.name;v8js.memory.heap.space.size u By D !v8js.heap.space.name;v8js.memory.heap.used u By D !v8js.heap.space.name;\
        v8js.resource.active g {resource} D !v8js.resource.type;vcs.change.count u {change} R !vcs.change.state,vcs.repository.url.full \
        ~vcs.owner.name,vcs.repository.name;vcs.change.duration g s R !vcs.change.state,vcs.ref.head.name,vcs.repository.url.full \
        ~vcs.owner.name,vcs.repository.name;vcs.change.time_to_approval g s D !vcs.ref.head.name,vcs.repository.url.full ~vcs.owner.name,\
        vcs.ref.base.name,vcs.repository.name;vcs.change.time_to_merge g s D !vcs.ref.head.name,vcs.repository.url.full ~vcs.owner.name,\
        vcs.ref.base.name,vcs.repository.name;vcs.contributor.count g {contributor} R !vcs.repository.url.full ~vcs.owner.name,\
        vcs.repository.name;vcs.ref.count u {ref} R !vcs.ref.type,vcs.repository.url.full ~vcs.owner.name,vcs.repository.name;\
        vcs.ref.lines_delta g {line} R !vcs.line_change.type,vcs.ref.base.name,vcs.ref.base.type,vcs.ref.head.name,vcs.ref.head.type,\
        vcs.repository.url.full ~vcs.owner.name,vcs.repository.name;vcs.ref.revisions_delta g {revision} R !vcs.ref.base.name,\
        vcs.ref.base.type,vcs.ref.head.name,vcs.ref.head.type,vcs.repository.url.full,vcs.revision_delta.direction ~vcs.owner.name,\
        vcs.repository.name;vcs.ref.time g s R !vcs.ref.head.name,vcs.ref.head.type,vcs.repository.url.full ~vcs.owner.name,\
        vcs.repository.name;vcs.repository.count u {repository} R ~vcs.owner.name
        """
}
