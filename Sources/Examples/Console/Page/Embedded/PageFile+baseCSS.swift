// base.css of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let baseCSS = PageFile(
        path: "/assets/base.css", contentType: "text/css; charset=utf-8",
        entityTag: "68cf784085c51cac",
        text: #"""
            :root{--mono:"SF Mono","JetBrains Mono",Menlo,Consolas,ui-monospace,monospace;--edge:1px solid var(--line);--edge-strong:1px solid var(--line-strong)}
            :root,:root[data-theme="light"]{
            color-scheme:light;
            --ground:#ffffff;--side:#f7f7f9;--raised:#ffffff;--sunken:#f4f4f7;--hover:#f1f1f6;--chosen:#ecedfb;
            --text:#17181c;--soft:#50545f;--faint:#5f6370;--line:#e5e6eb;--line-strong:#cfd1d9;
            --accent:#4a4fd0;--accent-text:#4348c4;--on-accent:#ffffff;--accent-wash:#4a4fd01f;
            --error:#c3273a;--error-wash:#fdeef0;--warn:#8a5800;--warn-wash:#fdf4e1;--ok:#1b7a4b;
            --shadow:0 1px 2px #10121a0d,0 8px 28px #10121a1f;
            --c0:#4a6cd4;--c1:#0f8579;--c2:#b5562a;--c3:#8a4fc4;--c4:#4b8420;--c5:#bd3f7d;--c6:#14709c;--c7:#8f7000;
            --c8:#a0439d;--c9:#86623b;
            --heat:74 79 208;
            }
            :root[data-theme="dark"]{
            color-scheme:dark;
            --ground:#111217;--side:#0c0d11;--raised:#191b21;--sunken:#16171d;--hover:#1b1d24;--chosen:#232548;
            --text:#e9eaef;--soft:#b0b4bf;--faint:#8d919e;--line:#25272f;--line-strong:#3a3d48;
            --accent:#8f95ff;--accent-text:#a3a8ff;--on-accent:#101116;--accent-wash:#8f95ff2b;
            --error:#ff7d88;--error-wash:#3a1a20;--warn:#e3b04f;--warn-wash:#33270f;--ok:#5fcb95;
            --shadow:0 1px 2px #0006,0 10px 32px #0009;
            --c0:#86a2ff;--c1:#4fc9ba;--c2:#f0986b;--c3:#bd93f2;--c4:#9ccf6b;--c5:#f08bbb;--c6:#69bdf0;--c7:#dcbf55;
            --c8:#df8ddb;--c9:#cda577;
            --heat:143 149 255;
            }
            .s0{--c:var(--c0)}.s1{--c:var(--c1)}.s2{--c:var(--c2)}.s3{--c:var(--c3)}.s4{--c:var(--c4)}
            .s5{--c:var(--c5)}.s6{--c:var(--c6)}.s7{--c:var(--c7)}.s8{--c:var(--c8)}.s9{--c:var(--c9)}
            *,::before,::after{box-sizing:border-box}
            [hidden]{display:none !important}
            html{height:100%;-webkit-text-size-adjust:100%}
            body{
            margin:0;height:100%;overflow:hidden;background:var(--ground);color:var(--text);
            font:13px/1.5 -apple-system,"Segoe UI",Inter,Roboto,system-ui,sans-serif;
            font-variant:tabular-nums no-contextual;-webkit-font-smoothing:antialiased;
            }
            h1,h2,h3,p,dl,dd,ol,ul,figure,table{margin:0;padding:0}
            ol,ul{list-style:none}
            h1{font-size:17px;line-height:24px;font-weight:620;letter-spacing:-.012em}
            h2{font-size:13px;line-height:20px;font-weight:600}
            h3{font-size:12px;line-height:18px;font-weight:600;color:var(--soft)}
            a{color:inherit;text-decoration:none}
            button,input,select{font:inherit;color:inherit;letter-spacing:inherit}
            button{background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
            code,kbd,pre,.mono{font-family:var(--mono);font-size:12px}
            b{font-weight:600}
            .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;padding:0;border:0}
            .icon{width:16px;height:16px;flex:none;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
            :focus-visible{outline:2px solid var(--accent);outline-offset:1px;border-radius:5px}
            main:focus-visible{outline:none}
            ::selection{background:var(--accent-wash)}
            .skip{position:fixed;left:8px;top:-60px;z-index:30;padding:8px 12px;background:var(--accent);color:var(--on-accent);border-radius:6px}
            .skip:focus{top:8px}
            #app{display:grid;grid-template-columns:196px minmax(0,1fr);height:100%}
            .side{display:flex;flex-direction:column;background:var(--side);border-right:var(--edge);padding:12px 10px;min-height:0}
            .brand{display:flex;align-items:center;gap:9px;padding:4px 8px 16px;font-weight:640;font-size:14px;letter-spacing:-.012em}
            .mark{position:relative;width:20px;height:20px;border-radius:5px;background:var(--accent)}
            .mark::after{content:"";position:absolute;left:4px;top:5.5px;width:9px;height:2px;border-radius:1px;background:var(--on-accent);box-shadow:3px 4px var(--on-accent),1px 8px 0 -.2px var(--on-accent)}
            .nav{display:flex;flex-direction:column;gap:1px}
            .nav-link,.nav-action{display:flex;align-items:center;gap:9px;height:30px;padding:0 8px;border-radius:6px;color:var(--soft);font-weight:500;width:100%}
            .nav-link:hover,.nav-action:hover{background:var(--hover);color:var(--text)}
            .nav-link[aria-current]{background:var(--chosen);color:var(--accent-text)}
            .side-end{margin-top:auto;display:flex;flex-direction:column;gap:1px}
            .side-end kbd{margin-left:auto}
            kbd{display:inline-block;min-width:18px;padding:0 4px;text-align:center;font-size:11px;line-height:17px;color:var(--soft);border:var(--edge-strong);border-radius:4px;background:var(--raised)}
            .live .icon{margin-left:auto;width:14px;height:14px}
            .pulse{width:8px;height:8px;margin:0 4px;border-radius:50%;background:var(--faint);flex:none}
            .nav-action.live:not(.paused):not(.offline):not(.connecting) .pulse{background:var(--ok);animation:pulse 2.4s ease-in-out infinite}
            .offline .pulse{background:var(--error)}
            .paused .pulse{background:var(--warn)}
            @keyframes pulse{50%{opacity:.35}}
            main{min-width:0;min-height:0;overflow:auto;overscroll-behavior:contain;padding:16px 24px 40px;scrollbar-gutter:stable}
            main.fixed{overflow:hidden;display:flex;flex-direction:column;padding-bottom:0;scrollbar-gutter:auto}
            main.fixed>*{min-height:0;flex:1;display:flex;flex-direction:column}
            .view>*{max-width:1680px;margin:0 auto;width:100%}
            .head{display:flex;align-items:center;gap:12px;min-height:32px;margin-bottom:12px;flex:none}
            .head-beside{color:var(--soft);min-width:0;display:flex;align-items:center;gap:8px;flex-wrap:wrap}
            .head-controls{margin-left:auto;display:flex;gap:8px;align-items:center;flex:none}
            @media (max-width:760px){
            #app{grid-template-columns:minmax(0,1fr);grid-template-rows:minmax(0,1fr) auto}
            main{padding:10px 14px 24px;grid-row:1;scrollbar-gutter:auto}
            .side{grid-row:2;flex-direction:row;padding:4px 6px calc(4px + env(safe-area-inset-bottom));border:0;border-top:var(--edge);gap:2px}
            .brand,.side-end .nav-action:nth-child(3){display:none}
            .nav{flex:1;flex-direction:row;justify-content:space-between;overflow-x:auto;scrollbar-width:none;min-width:0}
            .nav-link,.nav-action{flex-direction:column;height:44px;gap:2px;padding:5px 2px 0;font-size:11px;line-height:14px;align-items:center;min-width:46px;flex:1}
            .side-end{flex-direction:row;margin:0;flex:0 0 92px;border-left:var(--edge);padding-left:4px}
            .nav-action.live .icon{display:none}
            .pulse{margin:4px}
            .head{flex-wrap:wrap;gap:6px 10px;margin-bottom:8px}
            .head-controls{margin-left:0;flex:0 1 auto;min-width:0;flex-wrap:wrap}
            input,select{font-size:16px !important}
            }
            @media (prefers-reduced-motion:reduce){
            *,::before,::after{animation-duration:.01ms !important;animation-iteration-count:1 !important;transition-duration:.01ms !important;scroll-behavior:auto !important}
            }

            """#)
}
