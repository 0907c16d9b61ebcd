// The page's side of lab.py: watches the kernel and the notebook, describes controls, looks for what is wrong.

(() => {
  const state = { errors: [], pending: new Set(), last: performance.now(), asked: false, ran: false, control: null, inputs: 0 }
  const panel = () => jupyterapp.shell.currentWidget
  const outputs = selector => [...document.querySelectorAll(`.jp-OutputArea ${selector}`)]
  const pause = ms => new Promise(done => setTimeout(done, ms))

  // JupyterLab shows errors of a cell in its output, and errors of a widget's control only in its log: both arrive here.
  // "No such comm" is JupyterLab's own noise: it asks a kernel without widgets for its widgets.
  function hear(message, direction) {
    const type = message.header.msg_type, content = message.content
    if (type.startsWith("comm_info") || type.startsWith("kernel_info")) return
    state.last = performance.now()
    if (direction === "send" && message.channel === "shell") state.pending.add(message.header.msg_id)
    if (type === "status" && content.execution_state === "idle") state.pending.delete(message.parent_header.msg_id)
    if (type === "error") state.errors.push(`${content.ename}: ${content.evalue}\n${content.traceback.slice(-3).join("\n")}`)
    if (type === "stream" && content.name === "stderr" && !content.text.startsWith("No such comm")) {
      state.errors.push(`stderr: ${content.text}`)
    }
    if (type === "input_request") state.asked = true
  }

  window.lab = {
    // Running before the kernel is idle would open a 'Select Kernel' dialog.
    async watch() {
      await panel().context.ready
      await panel().sessionContext.ready
      const kernel = panel().sessionContext.session.kernel
      kernel.anyMessage.connect((_, { msg, direction }) => hear(msg, direction))
      new MutationObserver(() => { state.last = performance.now() })
        .observe(panel().content.node, { subtree: true, childList: true, attributes: true, characterData: true })
      for (let tries = 0; kernel.status !== "idle"; tries++) {
        if (tries > 600) throw new Error(`the kernel is ${kernel.status} after 30 s`)
        await pause(50)
      }
    },

    runAll() { jupyterapp.commands.execute("notebook:run-all-cells").then(() => { state.ran = true }) },
    ran: () => state.ran || state.asked || !!document.querySelector(".jp-Dialog"),
    settled: quiet => state.pending.size === 0 && performance.now() - state.last > quiet,
    shutdown: () => panel().sessionContext.shutdown(),

    problems: () => ({
      errors: state.errors,
      asked: state.asked,
      running: [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].filter(e => e.innerText.includes("*")).length,
      dialogs: [...document.querySelectorAll(".jp-Dialog, .Toastify__toast")].map(e => e.innerText.slice(0, 120)),
      failed: outputs('[data-mime-type="application/vnd.jupyter.error"]').map(e => e.innerText.slice(-300)),
    }),

    describe(e) {
      const label = e.labels?.[0]?.firstChild?.textContent || e.getAttribute("aria-label") || e.innerText || e.title || ""
      return {
        tag: e.tagName.toLowerCase(), type: e.type || "", name: label.trim().slice(0, 60), tab: e.tabIndex,
        usable: e.getClientRects().length > 0 && e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !e.readOnly,
        options: e.options ? [...e.options].filter(o => !o.disabled).length : 0, fixed: e.min !== "" && e.min === e.max,
      }
    },

    // Gives the control the focus and counts what it answers from now on. False if it does not take the focus.
    take(e) {
      state.inputs = 0
      const count = () => { state.inputs++ }
      for (const type of ["input", "click"]) e.addEventListener(type, count)
      e.focus()
      return document.activeElement === e
    },
    answered: () => state.inputs > 0,

    // Native controls of a widget of ours that Tab passes by; in a tree or a list one stop for all is right.
    missedByTab() {
      const roving = "[role=toolbar], [role=tree], [role=grid], [role=listbox], [role=tablist]"
      return outputs(".padlock :is(select, input, textarea, button, a[href], summary)")
        .filter(e => e.tabIndex < 0 && e.type !== "radio" && !e.disabled && e.checkVisibility() && !e.closest(roving))
        .map(e => e.outerHTML.slice(0, 120))
    },

    // JupyterLab's own frame has violations, so only outputs are asked about.
    async axe() {
      if (!document.querySelector(".jp-OutputArea")) return []
      const scope = { include: [[".jp-OutputArea"]], exclude: [[".jp-OutputArea-promptOverlay"]] }
      const { violations } = await axe.run(scope, { resultTypes: ["violations"] })
      const why = (rule, node) => [...node.any, ...node.all, ...node.none][0]?.message || rule.help
      return violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}  ${why(rule, node)}`))
    },

    height(scroller) {
      const bottoms = [...scroller.querySelectorAll(".jp-Cell")].map(e => e.getBoundingClientRect().bottom)
      return Math.ceil(Math.max(...bottoms) - scroller.getBoundingClientRect().top + scroller.scrollTop + 16)
    },
  }
})()
