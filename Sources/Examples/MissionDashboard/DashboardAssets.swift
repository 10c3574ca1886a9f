// The files that the page loads: style, script and icon.

/// What is served below `/static`.
enum DashboardAssets {
    struct File: Sendable {
        let name: String
        let type: String
        let text: String
    }

    static let files = [
        File(name: "dashboard.css", type: "text/css; charset=utf-8", text: style),
        File(name: "dashboard.js", type: "text/javascript; charset=utf-8", text: script),
        File(name: "moon.svg", type: "image/svg+xml", text: icon),
    ]

    private static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14" fill="#c9ced6"/>\
        <circle cx="11" cy="12" r="4" fill="#a3aab5"/><circle cx="20" cy="20" r="3" fill="#a3aab5"/></svg>

        """

    /// Refreshes the content of elements, and sends what buttons and forms say.
    private static let script = """
        "use strict";

        const refreshers = new Map();

        // Asks for the content of an element again and again, whatever came of the last time.
        function keepFresh(element) {
          let timer;
          const refresh = async () => {
            clearTimeout(timer);
            try {
              const answer = await fetch(element.dataset.refresh, { headers: { Accept: "text/html" } });
              if (answer.status === 401) return location.reload();  // The session has ended: the page leads to the login.
              if (!answer.ok) throw new Error(answer.status);
              const html = await answer.text();
              // The text is the server's, which escapes what is not its own.
              if (element.dataset.shown !== html) element.innerHTML = element.dataset.shown = html;
              element.classList.remove("stale");
            } catch {
              element.classList.add("stale");
            }
            clearTimeout(timer);
            timer = setTimeout(refresh, 1000 * element.dataset.seconds);
          };
          refreshers.set(element.id, refresh);
          timer = setTimeout(refresh, 1000 * element.dataset.seconds);
        }

        for (const element of document.querySelectorAll("[data-refresh]")) keepFresh(element);

        const clock = document.getElementById("clock");
        function showTime() {
          clock.dateTime = new Date().toISOString();
          clock.textContent = clock.dateTime.slice(11, 19) + " UTC";
        }
        showTime();
        setInterval(showTime, 1000);

        async function post(path, body) {
          const answer = await fetch(path, {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
          });
          return { ok: answer.ok, body: await answer.json() };
        }

        let bannerTimer;
        function showResult(text, isGood) {
          const banner = document.getElementById("result");
          banner.textContent = text;
          banner.className = isGood ? "good" : "bad";
          clearTimeout(bannerTimer);
          bannerTimer = setTimeout(() => { banner.textContent = banner.className = ""; }, 5000);
        }

        // What the services behind the dispatcher say, in their own words.
        function message(status) {
          try {
            const answer = JSON.parse(status);
            const module = answer.lunar_module_response ?? answer;
            return module.status ?? module.error ?? module.message ?? status;
          } catch {
            return status;
          }
        }

        async function send(command) {
          try {
            const { ok, body } = await post("/command", { command });
            showResult(`${command}: ${message(body.status ?? body.error)}`, ok);
          } catch {
            showResult(`${command}: the dashboard does not answer`, false);
          }
          refreshers.get("commands")();
          refreshers.get("systems")();
        }

        for (const button of document.querySelectorAll("[data-command]")) {
          button.addEventListener("click", () => send(button.dataset.command));
        }
        document.getElementById("command-form").addEventListener("submit", event => {
          event.preventDefault();
          send(event.target.command.value.trim());
          event.target.reset();
        });

        const dialog = document.getElementById("event-dialog");
        const form = document.getElementById("event-form");
        const problem = document.getElementById("event-problem");
        document.getElementById("add-event").addEventListener("click", () => {
          form.reset();
          problem.textContent = "";
          form.elements.time.value = new Date(Date.now() + 60000).toISOString().slice(0, 16);
          dialog.showModal();
        });
        document.getElementById("cancel-event").addEventListener("click", () => dialog.close());
        form.addEventListener("submit", async event => {
          event.preventDefault();
          try {
            const { ok, body } = await post("/event", { name: form.elements.name.value, time: form.elements.time.value });
            if (!ok) throw new Error(body.error);
            dialog.close();
            showResult(body.status, true);
            refreshers.get("events")();
          } catch (error) {
            problem.textContent = error.message;
          }
        });

        """

    private static let style = """
        :root { color-scheme: dark; --page: #0b0f16; --panel: #141b26; --line: #27313f; --text: #e8edf4; --quiet: #9aa7b8;
          --good: #4ad991; --waiting: #f2c14e; --bad: #ff7b72; --accent: #7cc4ff; }
        * { box-sizing: border-box; }
        body { margin: 0; font: 16px/1.45 system-ui, "DejaVu Sans", sans-serif; background: var(--page); color: var(--text); }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem 1.2rem; padding: 1rem 1.2rem;
          border-bottom: 1px solid var(--line); }
        h1 { font-size: 1.4rem; margin: 0; letter-spacing: .04em; }
        h2 { font-size: 1.05rem; margin: 0 0 .8rem; color: var(--accent); }
        h3 { font-size: .9rem; margin: 1rem 0 .3rem; color: var(--quiet); font-weight: 600; }
        #clock { font-variant-numeric: tabular-nums; color: var(--quiet); }
        #systems { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem 1.5rem; margin-left: auto; }
        .status { margin: 0; font-weight: 600; }
        ul { list-style: none; margin: 0; padding: 0; }
        .systems { display: flex; flex-wrap: wrap; gap: .3rem 1rem; color: var(--quiet); font-size: .9rem; }
        main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; padding: 1rem 1.2rem; max-width: 80rem;
          margin: 0 auto; align-items: start; }
        section { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; min-width: 0; }
        #logout { display: flex; align-items: baseline; gap: .6rem; color: var(--quiet); font-size: .9rem; }
        .wide { grid-column: 1 / -1; }
        #telemetry { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: center; }
        table { border-collapse: collapse; flex: 1 1 30rem; min-width: 0; font-variant-numeric: tabular-nums; font-size: .92rem; }
        th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { color: var(--quiet); font-weight: 600; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        .orbit { width: 11rem; flex: 0 0 auto; }
        .path { fill: none; stroke: var(--line); stroke-dasharray: 2 2; } .moon { fill: #5c6675; } .crater { fill: #49525f; }
        .module { fill: var(--accent); }
        .badge { display: inline-block; padding: 0 .5em; border-radius: 1em; border: 1px solid; font-size: .78rem; font-weight: 600;
          line-height: 1.6; max-width: 100%; overflow-wrap: anywhere; white-space: normal; }
        .badge.good { color: var(--good); } .badge.waiting { color: var(--waiting); } .badge.bad { color: var(--bad); }
        .badge.quiet { color: var(--quiet); }
        .events li { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem; padding: .35rem 0;
          border-bottom: 1px solid var(--line); }
        .name { flex: 1 1 8rem; min-width: 0; overflow-wrap: anywhere; }
        small { flex: 1 0 100%; color: var(--quiet); overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        .note { color: var(--quiet); font-size: .9rem; margin: .5rem 0 0; flex-basis: 100%; }
        .problem, .bad { color: var(--bad); } #result.good { color: var(--good); }
        #result { min-height: 1.5em; margin: .6rem 0 0; overflow-wrap: anywhere; }
        button, input { font: inherit; color: var(--text); background: #1d2735; border: 1px solid #3a475a; border-radius: .4rem;
          padding: .45rem .8rem; }
        button { cursor: pointer; } button:hover { background: #263347; }
        button:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .danger { border-color: var(--bad); color: var(--bad); }
        .buttons { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
        label { display: block; margin: .8rem 0 .3rem; color: var(--quiet); font-size: .9rem; }
        label input { display: block; width: 100%; margin-top: .3rem; }
        .row { display: flex; gap: .5rem; } .row input { flex: 1; min-width: 0; }
        dialog { width: min(26rem, calc(100vw - 2rem)); color: inherit; background: var(--panel); border: 1px solid var(--line);
          border-radius: .6rem; padding: 1.2rem; }
        dialog::backdrop { background: rgb(0 0 0 / 60%); }
        dialog .row { justify-content: flex-end; margin-top: 1rem; }
        .stale { opacity: .45; }
        @media (max-width: 48rem) {
          main { grid-template-columns: minmax(0, 1fr); padding: .8rem; }
          header { padding: .8rem; } #systems { margin-left: 0; }
          #telemetry { justify-content: center; }
          #telemetry .date { display: none; }
          table { font-size: .8rem; flex-basis: 100%; } th, td { padding: .3rem .15rem; } th { white-space: normal; vertical-align: bottom; }
        }

        """
}
