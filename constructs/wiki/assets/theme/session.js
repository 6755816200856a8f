// Part of every page of a signed-in user; session.php says why.
(() => {
  const { dataset } = document.currentScript;
  const texts = JSON.parse(dataset.texts);
  const limits = { session: Number(dataset.session) * 1000, inactivity: Number(dataset.inactivity) * 1000 };
  /** The portal signs a user out at this time, or earlier without a request for `inactivity`. */
  let endsAt = Date.now() + Number(dataset.secondsLeft) * 1000;
  let lastRequest = Date.now();
  /** Time of the last user activity on this page. */
  let lastSeen = Date.now();
  let lastCheck = 0;
  /** Whether something would be lost with this page. */
  let writing = document.querySelector("[component~=page-editor], [components~=page-editor]") !== null;
  let over = false;
  let closed = "";
  let passed = null;
  const send = window.fetch.bind(window);

  /** How long before a limit it is announced: five minutes, or a fifth of a short limit. */
  const notice = (limit) => Math.min(300_000, limit / 5);

  /** Asks the wiki, and so the portal: fine, over, other (another user), failed (no answer). Counts as activity. */
  async function check() {
    lastCheck = Date.now();
    try {
      const response = await send(dataset.state, {
        headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
        cache: "no-store",
        redirect: "manual",
        signal: AbortSignal.timeout(20_000),
      });
      if (response.status === 401 || response.type === "opaqueredirect") return "over";
      if (!response.ok) return "failed";
      const { secondsLeft, user, token } = await response.json();
      lastRequest = Date.now();
      endsAt = Date.now() + secondsLeft * 1000;
      if (secondsLeft * 1000 > notice(limits.session)) closed = "";
      if (String(user) !== dataset.user) return "other";
      document.querySelector("meta[name=token]").content = token;
      for (const field of document.querySelectorAll("input[name=_token]")) field.value = token;
      return "fine";
    } catch {
      return "failed";
    }
  }

  let box;
  function hide() {
    box?.remove();
    box = undefined;
  }

  /** One notice at a time; an equal one that was closed does not come back. */
  function show(kind, { minutes = 0, buttons = [] } = {}) {
    const text = texts[kind].replace("{minutes}", minutes);
    if (closed === kind) return;
    if (box?.dataset.kind === kind) {
      box.firstChild.textContent = text;
      return;
    }
    hide();
    box = document.createElement("div");
    box.dataset.kind = kind;
    box.id = "session-notice";
    box.setAttribute("role", "alert");
    Object.assign(box.style, {
      position: "fixed",
      // above the editor of drawings, which fills the window
      zIndex: "2147483000",
      // "Save" is at the top
      bottom: "16px",
      left: "50%",
      transform: "translateX(-50%)",
      width: "min(640px, calc(100vw - 32px))",
      boxSizing: "border-box",
      borderRadius: "6px",
      padding: "14px 18px",
      font: "16px/1.4 sans-serif",
      color: "#fff",
      background: kind === "back" ? "#0f6b2f" : kind === "ending" || kind === "idle" ? "#8a4b00" : "#9b1c1c",
      boxShadow: "0 2px 10px rgba(0, 0, 0, 0.4)",
    });
    box.append(
      document.createElement("span"),
      ...buttons,
      button(texts.close, () => close(kind)),
    );
    box.firstChild.textContent = text;
    document.body.append(box);
  }

  function close(kind) {
    closed = kind;
    hide();
  }

  function dressed(element, text) {
    element.textContent = text;
    Object.assign(element.style, {
      display: "inline-block",
      marginInlineStart: "12px",
      padding: "2px 10px",
      font: "inherit",
      color: "#fff",
      background: "transparent",
      border: "1px solid #fff",
      borderRadius: "4px",
      cursor: "pointer",
      textDecoration: "none",
    });
    return element;
  }

  function button(text, action) {
    const element = dressed(document.createElement("button"), text);
    element.type = "button";
    element.addEventListener("click", action);
    return element;
  }

  function signIn() {
    const link = dressed(document.createElement("a"), texts.signIn);
    Object.assign(link, { href: dataset.home, target: "_blank", rel: "noopener" });
    return link;
  }

  /** Shows what `check` found, when that is not fine. */
  function tell(outcome, resend) {
    if (outcome === "fine") return;
    closed = "";
    over = outcome === "over";
    if (outcome === "over") show("over", { buttons: [signIn()] });
    else if (outcome === "other") show("other");
    else show("failed", { buttons: resend ? [button(texts.send, resend)] : [] });
  }

  async function checkAndTell() {
    const outcome = await check();
    const wasOver = over;
    if (outcome !== "failed") tell(outcome);
    if (outcome !== "fine") return;
    over = false;
    if (wasOver) {
      show("back");
      setTimeout(() => box?.dataset.kind === "back" && hide(), 60_000);
    } else if (box?.dataset.kind !== "back") hide();
  }

  /** Whether a user reads or draws, which sends no request. */
  function quietlyBusy(now) {
    const third = limits.inactivity / 3;
    return now - Math.max(lastRequest, lastCheck) > third && now - lastSeen < third;
  }

  /** What there is to do at this time: check, announce an end, or nothing. */
  function due(now) {
    const idleEnd = lastRequest + limits.inactivity;
    const soon = (end, limit) => writing && end - now < notice(limit);
    // another tab may have kept the session alive, or the user may have signed in again there
    if (now >= Math.min(endsAt, idleEnd)) return writing && now - lastCheck > 30_000 ? ["check"] : [];
    if (soon(endsAt, limits.session)) return ["ending", endsAt];
    if (quietlyBusy(now)) return ["check"];
    return soon(idleEnd, limits.inactivity) ? ["idle", idleEnd] : ["hide"];
  }

  function tick() {
    if (over) return;
    const now = Date.now();
    const [kind, end] = due(now);
    const minutes = Math.max(1, Math.round((end - now) / 60_000));
    if (kind === "check") checkAndTell();
    else if (kind === "ending") show("ending", { minutes });
    else if (kind === "idle") show("idle", { minutes, buttons: [button(texts.stay, checkAndTell)] });
    else if (kind === "hide" && ["ending", "idle"].includes(box?.dataset.kind)) hide();
  }

  function seen() {
    lastSeen = Date.now();
  }

  for (const event of ["keydown", "pointerdown", "pointermove", "wheel"]) document.addEventListener(event, seen, { capture: true, passive: true });
  // the editor of drawings, in a frame of another origin, reports each change
  window.addEventListener("message", seen);
  window.addEventListener("blur", () => {
    // what is typed into a frame is not seen here
    if (document.activeElement?.tagName === "IFRAME") writing = true;
  });
  document.addEventListener(
    "input",
    ({ target }) => {
      if (!target.closest?.("[role=search], form[method=get], form[method=GET]")) writing = true;
    },
    true,
  );
  window.addEventListener("beforeunload", (event) => {
    if (over && writing) event.preventDefault();
  });
  const returned = () => {
    if (document.visibilityState === "visible" && (over || Date.now() >= endsAt)) checkAndTell();
  };
  document.addEventListener("visibilitychange", returned);
  window.addEventListener("focus", returned);
  window.addEventListener("pageshow", ({ persisted }) => persisted && checkAndTell());

  /** Requests that BookStack sends automatically: drafts, comments, pictures. */
  window.fetch = async (...request) => {
    try {
      const response = await send(...request);
      if (response.url.startsWith(location.origin)) {
        if (response.status === 401) writing && tell("over");
        else lastRequest = Date.now();
      }
      return response;
    } catch (error) {
      // a redirect to the portal, which scripts may not follow
      if (writing && !over && error.name === "TypeError") checkAndTell();
      throw error;
    }
  };

  /** A form is sent once it is known that it will arrive. */
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const action = form.getAttribute("action") ?? "";
      if (form === passed || form.getAttribute("method")?.toLowerCase() !== "post" || /\/log(in|out)$/.test(action)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (form.dataset.checking) return;
      form.dataset.checking = "true";
      const { submitter } = event;
      const resend = () => {
        passed = form;
        try {
          hide();
          HTMLFormElement.prototype.requestSubmit.call(form, submitter?.form === form ? submitter : undefined);
        } finally {
          passed = null;
        }
      };
      const outcome = await check();
      delete form.dataset.checking;
      if (outcome !== "fine") return tell(outcome, resend);
      over = false;
      resend();
    },
    true,
  );

  setInterval(tick, 1000);
})();
