// charts.css of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let chartsCSS = PageFile(
        path: "/assets/charts.css", contentType: "text/css; charset=utf-8",
        entityTag: "1773f30688ed8b61",
        text: #"""
            .chart{display:block;width:100%;overflow:visible;touch-action:pan-y}
            .chart text{font-size:11px;fill:var(--faint)}
            .chart .grid{stroke:var(--line);stroke-width:1;shape-rendering:crispEdges}
            .chart .series{fill:none;stroke:var(--c);stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
            .chart .area{fill:var(--c);opacity:.1;stroke:none}
            .chart .lone{fill:var(--c)}
            .chart .cursor{stroke:var(--line-strong);stroke-dasharray:3 3}
            .chart .brush{fill:var(--accent-wash);stroke:var(--accent)}
            .chart .exemplar{fill:var(--ground);stroke:var(--accent);stroke-width:2}
            .chart a:hover .exemplar,.chart a:focus-visible .exemplar{fill:var(--accent)}
            .chart a:focus-visible{outline:none}.chart a:focus-visible circle{stroke-width:4}
            .scatter{margin-bottom:12px}
            .scatter circle{fill:var(--accent);fill-opacity:.55;cursor:pointer}
            .scatter circle.error{fill:var(--error);fill-opacity:.8}
            .scatter circle:hover,.scatter circle.hot{fill-opacity:1;stroke:var(--text);stroke-width:1.5}
            .chart-frame{position:relative}
            .tip{position:absolute;z-index:6;top:6px;pointer-events:none;background:var(--raised);border:var(--edge-strong);border-radius:7px;box-shadow:var(--shadow);padding:6px 9px;font-size:12px;line-height:18px;max-width:min(300px,80%)}
            .tip div{display:flex;gap:8px;align-items:center}.tip div>span:last-child{margin-left:auto}
            .legend{display:flex;flex-wrap:wrap;gap:2px 14px;margin-top:8px}
            .legend button{display:inline-flex;align-items:center;gap:6px;max-width:100%;padding:1px 2px;color:var(--soft);font-size:12px}
            .legend button[aria-pressed="false"]{opacity:.45;text-decoration:line-through}
            .legend .cut{max-width:340px}
            .spark{display:block;width:110px;height:26px;overflow:visible}
            .spark path{fill:none;stroke:var(--c,var(--accent));stroke-width:1.5;stroke-linejoin:round}
            .spark .area{fill:var(--c,var(--accent));opacity:.12;stroke:none}
            .heat rect{shape-rendering:crispEdges}
            .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:12px}
            .level-trace,.level-debug{--level:var(--faint)}.level-info{--level:var(--c6)}.level-warn{--level:var(--warn)}.level-error,.level-fatal{--level:var(--error)}
            .shares{display:flex;flex-wrap:wrap;gap:4px 6px;margin:6px 0 8px;align-items:center}
            .share{display:inline-flex;gap:5px;align-items:center;max-width:100%;padding:2px 8px;border:var(--edge);border-radius:6px;font-size:12px;color:var(--soft);overflow:hidden}
            .share:hover{background:var(--hover)}.share b{color:var(--text);font-weight:600}.share[class*="level-"]{border-left:3px solid var(--level)}
            .bars [class*="level-"],.row-link[class*="level-"]{--c:var(--level)}.bars rect{fill:var(--c)}.bars .level-trace{opacity:.5}.bars .level-info{opacity:.75}.rest{--c:var(--line-strong)}
            .log-panels{grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));margin-bottom:12px;align-items:start}.log-panels td{height:28px}.log-panels .table-frame{border:0}
            .log-panels .head-controls{flex:1 0 280px;flex-wrap:nowrap;justify-content:end}.log-panels .select{min-width:0;max-width:180px}.log-panels .select + .select{flex:none}
            .log-panels .row-link{display:inline-flex;align-items:baseline;gap:8px}
            .alert-row{display:grid;grid-template-columns:76px 240px minmax(0,1fr) auto 90px;gap:4px 12px;align-items:center;width:100%;padding:6px 8px;text-align:left}
            .alert-row:hover{background:var(--hover)}.alert-row>.chip{justify-self:start}.alert-row>:last-child{text-align:right}
            .alert-labels{display:flex;flex-wrap:wrap;gap:4px;min-width:0}.alert-labels .chip{white-space:normal;overflow-wrap:anywhere}
            .panel + .panel,.detail-message + .cards{margin-top:10px}.cards>.panel + .panel,.charts>.panel + .panel{margin-top:0}
            .stack{margin:0;padding:12px;overflow:auto;max-height:420px}
            .error-title{overflow-wrap:anywhere}
            .silence{display:grid;gap:10px;justify-items:stretch}
            .map-frame{overflow:auto;border:var(--edge);border-radius:10px;background:radial-gradient(var(--line) 1px,transparent 1px) 0 0 / 20px 20px var(--ground);margin-bottom:16px}
            .map{display:block;margin:0 auto}
            .map text{font-size:11px;fill:var(--soft)}
            .map .node rect{fill:var(--raised);stroke:var(--line-strong)}
            .map .node .stripe{fill:var(--c);stroke:none}
            .map .node.error rect.card{stroke:var(--error)}
            .map .node text.title{font-size:13px;font-weight:600;fill:var(--text)}
            .map .bad{fill:var(--error)}
            .map .node:hover rect.card,.map .node:focus-visible rect.card{stroke:var(--accent);stroke-width:2}
            .map .node:focus-visible{outline:none}
            .map .edge path{fill:none;stroke:var(--line-strong)}
            .map .edge.error path{stroke:var(--error)}
            .map .arrow{fill:var(--faint);stroke:none}.map .edge.error .arrow{fill:var(--error)}
            .map .edge-label rect{fill:var(--ground);opacity:.92}
            .map .faded{opacity:.25}
            .metrics{display:grid;grid-template-columns:300px minmax(0,1fr);gap:20px;flex:1;min-height:0}
            .metric-list{display:flex;flex-direction:column;min-height:0;border-right:var(--edge);padding-right:12px}
            .metric-list ul{overflow:auto;flex:1;min-height:0;margin-top:8px;padding-bottom:20px}
            .metric-list a{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 8px;padding:5px 8px;border-radius:6px}
            .metric-list a:hover{background:var(--hover)}
            .metric-list a[aria-current]{background:var(--chosen)}
            .metric-list b{font-weight:500;overflow-wrap:anywhere}.metric-list small{color:var(--faint);font-size:11px}.metric-list a[aria-current] small{color:var(--soft)}
            .metric-main{overflow:auto;min-height:0;padding-bottom:32px}
            .metric-main>* + *{margin-top:12px}
            .promql{display:flex;gap:8px}.promql .find{flex:1}.promql input{font-family:var(--mono);font-size:12px}
            .controls{display:flex;gap:8px;flex-wrap:wrap;align-items:center}
            .logs{border:var(--edge);border-radius:10px;overflow:hidden;background:var(--raised)}
            .log{border-top:var(--edge)}.log:first-child{border-top:0}
            .log-row{display:grid;grid-template-columns:16px 104px 46px minmax(80px,130px) minmax(0,1fr) auto;gap:10px;width:100%;align-items:baseline;padding:3px 12px 3px 8px;min-height:28px;border-left:3px solid var(--level);font-size:12.5px}
            .log-row:hover{background:var(--hover)}
            .log-row .icon{width:12px;height:12px;align-self:center;color:var(--faint);transition:transform .12s}
            .log-row[aria-expanded="true"] .icon{transform:rotate(90deg)}
            .log-level{color:var(--level);font-weight:600;font-size:11px;text-transform:uppercase}
            .log-body{font-family:var(--mono);font-size:12px;unicode-bidi:isolate}
            .log-line-row{display:flex;align-items:center}.log-line-row>.log-row{flex:1;min-width:0}
            .log-trace{padding:0 12px;color:var(--accent-text);font-family:var(--mono);font-size:11px;white-space:nowrap}
            .log-trace:hover{text-decoration:underline}
            .log-more{padding:6px 16px 14px 40px;background:var(--sunken);display:grid;gap:10px;border-left:3px solid var(--level)}
            .log-more pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;max-height:320px;overflow:auto}
            @media (max-width:760px){
            .metrics{display:flex;flex-direction:column;gap:10px;overflow:auto}
            .metric-list{border:0;padding:0;flex:none}.metric-list ul{max-height:200px;border:var(--edge);border-radius:8px;padding:4px;flex:none}
            .metric-main{overflow:visible;flex:none}
            .log-row{grid-template-columns:auto auto minmax(0,1fr);gap:0 8px;padding:6px 10px 6px 8px}.log-row .icon{display:none}
            .log-body{grid-column:1 / -1;white-space:normal;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow-wrap:anywhere}
            .log-trace{display:none}.log-more{padding-left:14px}
            .alert-row{grid-template-columns:auto 1fr auto}.alert-labels{grid-column:1 / -1;grid-row:2}.alert-row>:last-child{display:none}
            }

            """#)
}
