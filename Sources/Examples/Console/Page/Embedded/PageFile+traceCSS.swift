// trace.css of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let traceCSS = PageFile(
        path: "/assets/trace.css", contentType: "text/css; charset=utf-8",
        entityTag: "c5b22f731d5fd26c",
        text: #"""
            .trace-name .service{flex:0 0 auto;max-width:40%;color:var(--soft)}
            .traces td:nth-child(5){width:100px}
            .trace-name{display:flex;align-items:center;gap:10px;min-width:0}
            .traces td:first-child,.compare td:first-child{max-width:0;width:42%}
            .traces td:nth-child(2){max-width:0;width:34%;overflow:hidden}
            .traces tr{cursor:pointer}
            .trace-services{display:flex;gap:4px 12px;color:var(--soft);white-space:nowrap}
            .trace-services .service{max-width:180px}
            .duration-cell{width:150px}
            .duration-bar{display:flex;align-items:center;gap:8px;justify-content:flex-end}
            .duration-bar i{flex:1;height:5px;border-radius:3px;background:var(--sunken);overflow:hidden;min-width:30px}
            .duration-bar i::before{content:"";display:block;height:100%;width:var(--share);background:var(--accent);border-radius:3px;opacity:.75}
            .duration-bar.error i::before{background:var(--error)}
            .duration-bar span{min-width:58px;text-align:right}
            .mark-box{width:15px;height:15px;margin:0;accent-color:var(--accent);vertical-align:middle}
            .tray{position:sticky;bottom:0;display:flex;align-items:center;gap:10px;padding:8px 12px;margin-top:12px;background:var(--raised);border:var(--edge-strong);border-radius:10px;box-shadow:var(--shadow);z-index:5}
            .trace-head{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;margin-bottom:10px;flex:none !important;min-height:auto !important;flex-direction:row !important}
            .trace-head h1{overflow-wrap:anywhere}
            .trace-facts{display:flex;flex-wrap:wrap;gap:4px 16px;color:var(--soft);align-items:center;margin-bottom:10px}
            .trace-facts b{color:var(--text)}
            .trace-tools{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin-bottom:10px}
            .trace-tools .end{margin-left:auto;display:flex;gap:8px;align-items:center}
            .trace-body{display:flex;flex:1;min-height:0;border-top:var(--edge);margin-inline:-24px}
            .trace-main{flex:1;min-width:0;display:flex;flex-direction:column;min-height:0;position:relative}
            .overview{height:52px;flex:none;border-bottom:var(--edge);position:relative;touch-action:none;cursor:crosshair;margin-left:var(--name-width)}
            .overview canvas{display:block;width:100%;height:100%}
            .overview-range{position:absolute;top:0;bottom:0;background:var(--accent-wash);border-inline:1px solid var(--accent);pointer-events:none}
            .waterfall{flex:1;min-height:0;overflow:auto;position:relative;outline-offset:-2px;contain:strict}
            .trace-main{--name-width:clamp(240px,36%,560px)}
            .ruler{position:sticky;top:0;z-index:3;height:26px;background:var(--ground);border-bottom:var(--edge);display:flex;color:var(--faint);font-size:11px;line-height:26px}
            .ruler-name{width:var(--name-width);padding-left:24px;flex:none}
            .ruler-time{position:relative;flex:1;overflow:hidden;margin-right:16px}
            .ruler-time span{position:absolute;padding-left:4px;border-left:var(--edge);white-space:nowrap}
            .rows{position:relative}
            .span-row{position:absolute;left:0;right:0;height:28px;display:flex;cursor:pointer;contain:layout style}
            .span-row:hover{background:var(--hover)}
            .span-row.chosen{background:var(--chosen)}
            .span-row.dim{opacity:.38}
            .span-row.found .span-title{text-decoration:underline;text-decoration-color:var(--accent);text-underline-offset:3px}
            .span-name{width:var(--name-width);flex:none;display:flex;align-items:center;gap:6px;padding:0 8px 0 20px;min-width:0;border-right:var(--edge);overflow:hidden}
            .span-name .indent{flex:none;align-self:stretch;background:repeating-linear-gradient(to right,transparent 0 7px,var(--line) 7px 8px,transparent 8px 14px)}
            .fold{flex:none;display:inline-flex;align-items:center;justify-content:center;height:18px;min-width:18px;padding:0 4px;border-radius:4px;font-size:11px;color:var(--soft);border:var(--edge-strong);background:var(--raised);line-height:1}
            .fold.closed{background:var(--accent-wash);color:var(--accent-text);border-color:transparent}
            .fold.none{border:0;background:none}
            .span-color{width:3px;height:16px;border-radius:2px;background:var(--c);flex:none}
            .span-title{font-weight:500;flex:0 1 auto;min-width:32px}
            .span-service{color:var(--faint);font-size:12px;flex:0 10000 auto}
            .span-flag{flex:none;display:inline-flex;color:var(--error)}.span-flag .icon{width:14px;height:14px}.span-flag.warn{color:var(--warn)}
            .span-time{position:relative;flex:1;margin-right:16px;overflow:hidden;min-width:0}
            .bar{position:absolute;top:8px;height:12px;min-width:2px;border-radius:3px;background:var(--c)}
            .bar.open{background:linear-gradient(to right,var(--c) 55%,transparent)}
            .bar.error{border-right:4px solid var(--error);min-width:4px}
            .gap{position:absolute;top:8px;height:12px;background:var(--ground);opacity:.55}
            .critical{position:absolute;top:22px;height:2px;min-width:1px;background:var(--text);border-radius:1px}
            .tick{position:absolute;top:6px;width:2px;height:16px;background:var(--text);border-radius:1px;opacity:.8}
            .tick.error{background:var(--error);opacity:1}
            .bar-label{position:absolute;top:5px;font-size:11px;line-height:18px;color:var(--soft);white-space:nowrap;padding:0 6px}
            .bar-label-back{background:color-mix(in srgb,var(--ground) 88%,transparent);border-radius:4px;padding:1px 5px;color:var(--text)}
            .detail{width:430px;flex:none;border-left:var(--edge);overflow:auto;background:var(--ground);overscroll-behavior:contain;outline-offset:-2px}
            .detail>header{position:sticky;top:0;z-index:2;background:var(--ground);padding:12px 10px 10px 16px;border-bottom:var(--edge)}
            .detail-top{display:flex;gap:8px;align-items:flex-start}
            .detail-top h2{flex:1;overflow-wrap:anywhere;font-size:14px}
            .detail-top .head-controls{gap:0}
            .detail section{padding:10px 16px 12px;border-bottom:var(--edge)}
            .detail section>h3{margin-bottom:6px;display:flex;justify-content:space-between;align-items:center}
            .detail-message{color:var(--error);background:var(--error-wash);padding:8px 10px;border-radius:6px;margin-top:8px;overflow-wrap:anywhere;white-space:pre-wrap}
            .facts{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px}
            .facts div:nth-child(n + 5){grid-column:1 / -1}
            .facts dt{color:var(--faint);font-size:12px;line-height:16px}.facts dd{overflow-wrap:anywhere}
            .pairs{display:grid}
            .pair{display:grid;grid-template-columns:minmax(90px,38%) minmax(0,1fr) auto;gap:10px;padding:3px 0;align-items:start;border-top:var(--edge)}
            .pair:first-child{border-top:0}
            .pair dt{color:var(--soft);overflow-wrap:anywhere;font-size:12px;line-height:20px;unicode-bidi:isolate}
            .pair dd{min-width:0;line-height:20px}
            .pair .value{font-family:var(--mono);font-size:12px}
            .pair-tools{display:flex;opacity:0}
            .pair:hover .pair-tools,.pair:focus-within .pair-tools{opacity:1}
            .event{border-left:2px solid var(--line-strong);padding:0 0 8px 10px;margin-left:2px}
            .event.error{border-color:var(--error)}
            .event-head{display:flex;gap:8px;justify-content:space-between}.event-head b{overflow-wrap:anywhere}
            .log-line{display:flex;gap:8px;padding:3px 0;align-items:baseline}
            .flame{flex:1;min-height:0;overflow:auto;padding:12px 24px}
            .flame-box{position:relative}
            .flame-node{position:absolute;height:22px;border-radius:3px;overflow:hidden;font-size:11px;line-height:22px;padding:0 5px;white-space:nowrap;text-overflow:ellipsis;color:var(--text);background:color-mix(in srgb,var(--c) 26%,var(--ground));border:1px solid var(--ground);border-left:2px solid var(--c)}
            .flame-node:hover,.flame-node:focus-visible{background:color-mix(in srgb,var(--c) 40%,var(--ground));outline-offset:-1px}
            .flame-node.error{color:var(--error)}
            .flame-node.tiny{padding:0;border-width:0 1px 0 0}
            .flame-says{min-height:40px;padding-bottom:8px;color:var(--soft)}
            .compare-heads{display:grid;grid-template-columns:1fr 1fr;gap:12px;margin-bottom:14px}
            .compare-heads .panel{padding:12px;display:grid;gap:6px;border-top:3px solid var(--side-color)}
            .compare-heads .trace-facts{margin:0}
            .side-a{--side-color:var(--c0)}.side-b{--side-color:var(--c2)}
            .pair-bars{position:relative;height:18px;min-width:140px}
            .pair-bars i{position:absolute;height:6px;min-width:2px;border-radius:2px;background:var(--side-color)}
            .pair-bars .side-a{top:2px}.pair-bars .side-b{top:10px}
            .compare-name{display:flex;align-items:center;gap:6px;min-width:0}
            .slower{color:var(--error)}.faster{color:var(--ok)}
            tr.only-a,tr.only-b{background:color-mix(in srgb,var(--side-color) 8%,transparent)}
            @media (max-width:760px){
            .trace-body{margin-inline:-14px}
            .trace-main{--name-width:100%}
            .overview{margin-left:0;height:36px}
            .ruler-name{display:none}.ruler-time{margin:0 10px}
            .span-row{height:46px;flex-direction:column}
            .span-name{width:100%;border:0;height:25px;padding:3px 10px 0}
            .span-time{margin:0 10px;height:20px;flex:none}
            .bar,.gap{top:4px;height:10px}.critical{top:16px}.tick{top:2px;height:14px}.bar-label{top:0}
            .detail{position:fixed;inset:0;width:auto;z-index:20;border:0}
            .pair-tools{opacity:1}
            .traces td:first-child{width:60%}.trace-name .service{max-width:100%}.duration-cell{width:84px}.duration-bar i{display:none}
            .trace-name{flex-wrap:wrap;gap:2px 8px;padding:3px 0}.trace-name .row-link{max-width:100%}
            .traces td:nth-child(5){width:auto}
            .trace-tools .find{flex:1}
            .flame{padding:10px 14px}
            .compare-heads{grid-template-columns:1fr}.compare-name{flex-wrap:wrap}.compare-name .row-link{flex:1 1 60%}.compare-name .span-service{display:none}.pair-bars{min-width:60px}
            }

            """#)
}
