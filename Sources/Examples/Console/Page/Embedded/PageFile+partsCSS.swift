// parts.css of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let partsCSS = PageFile(
        path: "/assets/parts.css", contentType: "text/css; charset=utf-8",
        entityTag: "8935116f59e82863",
        text: #"""
            .button{display:inline-flex;align-items:center;justify-content:center;gap:6px;height:30px;padding:0 11px;border:var(--edge-strong);border-radius:6px;background:var(--raised);font-weight:500;white-space:nowrap}
            .button:hover{background:var(--hover)}
            .button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
            .button.main:hover{filter:brightness(1.08)}
            .button[disabled]{color:var(--faint);cursor:default}
            .icon-button{display:inline-grid;place-items:center;width:28px;height:28px;border-radius:6px;color:var(--faint);flex:none}
            .icon-button.small{width:22px;height:22px}
            .icon-button.small .icon{width:14px;height:14px}
            .icon-button:hover{background:var(--hover);color:var(--text)}
            .text-button{color:var(--accent-text);font-weight:500}
            .text-button:hover,.linked:hover{text-decoration:underline}
            .linked{color:var(--accent-text)}
            .select{height:30px;border:var(--edge-strong);border-radius:6px;background:var(--raised);padding:0 8px;max-width:100%}
            .segments{display:inline-flex;padding:2px;border-radius:7px;background:var(--sunken)}
            .segments button{height:26px;padding:0 10px;border-radius:5px;color:var(--soft);font-weight:500;white-space:nowrap}
            .segments button[aria-pressed="true"]{background:var(--raised);color:var(--text);box-shadow:0 0 0 1px var(--line),0 1px 2px #10121a14}
            .chip{display:inline-flex;align-items:center;gap:4px;padding:0 6px;border-radius:4px;font-size:11px;line-height:18px;font-weight:500;white-space:nowrap;background:var(--sunken);color:var(--soft)}
            .chip.error{background:var(--error-wash);color:var(--error)}
            .chip.warn{background:var(--warn-wash);color:var(--warn)}
            .chip.accent{background:var(--accent-wash);color:var(--accent-text)}
            .service{display:inline-flex;align-items:center;gap:6px;min-width:0;max-width:min(100%,320px)}
            .dot{width:8px;height:8px;border-radius:2.5px;background:var(--c,var(--faint));flex:none}
            .soft{color:var(--soft)}.faint{color:var(--faint)}.bad{color:var(--error)}
            .cut,.service-name,.menu .mono,.span-title,.span-service,.log-body{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
            .value{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
            .value.whole{display:block;max-height:320px;overflow:auto;background:var(--sunken);padding:8px;border-radius:6px}
            .empty{padding:56px 16px;text-align:center;color:var(--soft);display:grid;gap:12px;justify-items:center}
            .empty-title{font-weight:600;color:var(--text);font-size:14px}
            .busy{height:120px;display:grid;place-items:center}
            .busy::after{content:"";width:18px;height:18px;border-radius:50%;border:2px solid var(--line-strong);border-top-color:var(--accent);animation:turn .8s linear infinite}
            @keyframes turn{to{transform:rotate(1turn)}}
            .search{position:relative;flex:none;margin-bottom:12px}
            .search-box{display:flex;align-items:center;gap:8px;height:36px;padding:0 4px 0 10px;border:var(--edge-strong);border-radius:8px;background:var(--raised);color:var(--faint)}
            .search-box:focus-within{border-color:var(--accent);box-shadow:0 0 0 3px var(--accent-wash)}
            .search-box input{flex:1;min-width:0;border:0;background:none;color:var(--text);outline:none;height:100%;padding:0;font-family:var(--mono);font-size:12.5px}
            .search-box input::placeholder,.find input::placeholder{color:var(--faint);opacity:1}
            .search.wrong .search-box{border-color:var(--error)}
            .search-error{margin-top:6px;color:var(--error)}
            .search-error pre{margin:2px 0 0;overflow:auto;color:var(--soft)}
            .search-error mark{background:var(--error-wash);color:var(--error);text-decoration:underline wavy}
            .menu{position:absolute;z-index:12;top:40px;left:0;min-width:280px;max-width:min(560px,100%);max-height:320px;overflow:auto;padding:4px;background:var(--raised);border:var(--edge-strong);border-radius:8px;box-shadow:var(--shadow)}
            .menu li{display:flex;align-items:baseline;gap:12px;padding:4px 8px;border-radius:5px;cursor:pointer}
            .menu li[aria-selected="true"],.menu li:hover{background:var(--chosen)}
            .menu small{margin-left:auto;color:var(--faint);font-size:11px;white-space:nowrap}
            .menu li[aria-selected="true"] small{color:var(--soft)}
            .find{display:flex;align-items:center;gap:6px;height:30px;padding:0 8px;border:var(--edge-strong);border-radius:6px;color:var(--faint);background:var(--raised);min-width:0}
            .find:focus-within{border-color:var(--accent);box-shadow:0 0 0 3px var(--accent-wash)}
            .find input{border:0;background:none;outline:none;min-width:0;flex:1;color:var(--text);width:160px}
            .panel{border:var(--edge);border-radius:10px;background:var(--raised);min-width:0}
            .panel>header{display:flex;align-items:center;gap:8px;padding:8px 12px;border-bottom:var(--edge);flex-wrap:wrap}
            .panel-body{padding:12px}
            .table-frame{overflow-x:auto;border:var(--edge);border-radius:10px;background:var(--raised)}
            table{border-collapse:collapse;width:100%}
            th{font-weight:500;font-size:12px;color:var(--faint);text-align:left;height:32px;padding:0 12px;border-bottom:var(--edge);white-space:nowrap}
            td{height:36px;padding:4px 12px;border-bottom:var(--edge);vertical-align:middle}
            tbody tr:last-child td{border-bottom:0}
            tbody tr:hover{background:var(--hover)}
            th.end,td.end{text-align:right;white-space:nowrap}
            .row-link{font-weight:500}
            .delta{font-size:11px;line-height:14px}
            .row-link:hover{color:var(--accent-text)}
            tr:has(.row-link:focus-visible){background:var(--chosen)}
            tr.marked{background:var(--accent-wash)}
            .sort:hover{color:var(--text)}
            .sort[aria-pressed="true"]{color:var(--text)}
            .controls + .table-frame{margin-top:12px}
            .more{display:flex;justify-content:center;padding:16px}
            .notes{display:flex;flex-wrap:wrap;gap:4px 14px;color:var(--faint);font-size:12px;margin:0 0 8px;align-items:center}
            .dialog{width:min(720px,calc(100vw - 32px));max-height:min(80vh,720px);padding:0;color:var(--text);background:var(--raised);border:var(--edge-strong);border-radius:12px;box-shadow:var(--shadow)}
            .dialog::backdrop{background:#0a0b1066}
            .dialog>header{display:flex;justify-content:space-between;align-items:center;padding:10px 10px 10px 16px;border-bottom:var(--edge);position:sticky;top:0;background:var(--raised)}
            .dialog-body{padding:14px 16px 18px;display:grid;gap:16px}
            .dialog-body:has(section + section){grid-template-columns:repeat(auto-fit,minmax(260px,1fr))}
            .keys{display:grid;grid-template-columns:auto 1fr;gap:4px 14px;margin-top:8px;align-items:baseline}
            .keys dt{display:flex;gap:6px}.keys dt span{display:flex;gap:2px}
            .help-list{display:grid;gap:2px}
            .help-list button{display:grid;grid-template-columns:minmax(150px,240px) 1fr;gap:12px;width:100%;padding:5px 8px;border-radius:6px;align-items:baseline}
            .help-list button:hover{background:var(--hover)}
            .help-list code{color:var(--accent-text)}
            .steps{max-width:760px !important;padding-top:24px;display:grid;gap:20px}
            .steps h1{font-size:22px;line-height:30px}
            .steps .panel pre{margin:0;padding:12px;overflow:auto}
            .steps .panel>header .icon-button{margin-left:auto}
            .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:12px;margin-bottom:16px}
            .meter + p{margin-bottom:10px}
            .figures{display:grid;grid-template-columns:auto 1fr;gap:4px 16px}
            .figures dt{color:var(--soft)}.figures dd{text-align:right;overflow-wrap:anywhere}
            .figures + .button{margin-top:10px}
            .big{font-size:22px;line-height:28px;font-weight:600;letter-spacing:-.02em}
            .meter{height:6px;border-radius:3px;background:var(--sunken);overflow:hidden;margin:8px 0 4px}
            .meter i{display:block;height:100%;border-radius:3px;background:var(--accent)}
            .breaks{overflow-wrap:anywhere}
            .chip.good{color:var(--ok);background:var(--sunken)}
            .hours{display:inline-flex;gap:1px;vertical-align:middle}
            .hours i{width:4px;height:16px;border-radius:1px;background:var(--ok)}
            .hours .none{background:var(--line-strong);height:4px;align-self:end}.hours .most{background:var(--warn)}.hours .less{background:var(--error)}
            .section-title{margin:20px 0 8px;display:flex;align-items:center;gap:10px}
            @media (max-width:760px){
            .panel,.table-frame{border-radius:8px}
            td,th{padding-inline:8px}.select{max-width:200px}.controls .select{flex:1;min-width:0;max-width:none}
            .wide{display:none}td>a>.service{max-width:116px}
            .icon-button{width:36px;height:36px}.icon-button.small{width:28px;height:28px}
            .button,.select,.find{height:36px}.segments button{height:32px}
            .help-list button{grid-template-columns:1fr;gap:0}
            }

            """#)
}
