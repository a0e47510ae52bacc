// The page: takes a record, shows how far its verification is, shows the verdict. It remembers nothing; the
// language stands in the address after `#`, and the record of a hall that the page came from may (see `fetch.js`).

/** Milliseconds between two drawings of the progress. */
const DRAW_MS = 80;
/** Percent between two words on the progress for whoever hears the page. */
const SPOKEN_STEP = 20;

class Page {
  constructor(source) {
    this.at = (id) => document.getElementById(id);
    this.language = askedOf(location).language;
    this.given = null;
    this.task = null;
    this.policy = null;
    this.numbers = null;
    this.isRunning = false;
    /** The record that the address came to name while another was at work. */
    this.next = null;
    this.verifier = new Verifier(source, this.at("module").textContent);
    this.listen();
    this.speak(this.language);
    this.bring(askedOf(location).bundle);
  }

  get say() {
    return WORDS[this.language];
  }

  listen() {
    for (const button of document.querySelectorAll("[data-language]")) {
      button.addEventListener("click", () => {
        const { bundle } = askedOf(location);
        history.replaceState(null, "", fragmentOf(button.dataset.language, bundle));
        this.speak(button.dataset.language);
      });
    }
    addEventListener("hashchange", () => {
      const { language, bundle } = askedOf(location);
      this.speak(language);
      this.bring(bundle);
    });
    const choose = (button, input, take) => {
      this.at(button).addEventListener("click", () => this.at(input).click());
      this.at(input).addEventListener("change", ({ target }) => {
        const files = [...target.files];
        // The same file can be chosen again.
        target.value = "";
        if (files.length > 0) {
          take(files);
        }
      });
    };
    choose("choose-archive", "archive", ([file]) => this.take({ archive: file }));
    choose("choose-folder", "folder", (files) => this.take({ files: filesOfChosenFolder(files), folder: folderName(files) }));
    choose("policy-choose", "policy", ([file]) => this.setPolicy(file));
    this.at("policy-clear").addEventListener("click", () => {
      this.setPolicy(null);
      this.at("policy-choose").focus();
    });
    this.at("notice").addEventListener("input", () => this.checkNotice(false));
    this.at("again").addEventListener("click", () => this.take(this.task));
    this.at("cancel").addEventListener("click", () => this.leave());
    this.listenToDrops();
  }

  /** The whole page takes a drop, so that a file let go beside the field does not replace the page. */
  listenToDrops() {
    let inside = 0;
    const mark = (change) => {
      inside = Math.max(0, inside + change);
      this.at("drop").classList.toggle("over", inside > 0 && !this.isRunning);
    };
    addEventListener("dragenter", () => mark(1));
    addEventListener("dragleave", () => mark(-1));
    addEventListener("dragover", (event) => {
      event.preventDefault();
      event.dataTransfer.dropEffect = this.isRunning ? "none" : "copy";
    });
    addEventListener("drop", async (event) => {
      event.preventDefault();
      mark(-inside);
      if (this.isRunning) {
        return;
      }
      try {
        await this.take(await readDrop(event.dataTransfer));
      } catch (fault) {
        this.complain(fault);
      }
    });
  }

  /** Sets all texts in a language. */
  speak(language) {
    this.language = language;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = this.say.document;
    for (const node of document.querySelectorAll("[data-word]")) {
      node.textContent = this.say[node.dataset.word];
    }
    for (const node of document.querySelectorAll("[data-list]")) {
      node.replaceChildren(...this.say[node.dataset.list].map((text) => el("li", {}, text)));
    }
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    this.at("policy-name").textContent = this.policy?.name ?? this.say.policyNone;
    this.complain(this.complaint);
    this.draw();
    this.drawProgress();
  }

  setPolicy(file) {
    this.policy = file;
    this.at("policy-name").textContent = file?.name ?? this.say.policyNone;
    this.at("policy-clear").hidden = !file;
  }

  /** The digits of the notice, nothing when none are given, or `null` when they are no digest. */
  checkNotice(isDone) {
    const field = this.at("notice");
    const digits = field.value.replace(/\s/g, "").toLowerCase();
    const isGood = /^([0-9a-f]{64})?$/.test(digits);
    if (isGood || isDone) {
      this.at("notice-wrong").hidden = isGood;
      field.setAttribute("aria-invalid", String(!isGood));
    }
    return isGood ? digits : null;
  }

  /** Says why what was given is not taken; `undefined` takes the words away. */
  complain(fault) {
    this.complaint = fault;
    const place = this.at("complaint");
    place.hidden = !fault;
    if (fault) {
      const [what, advice] = this.say.faults[fault.kind] ?? [String(fault), ""];
      place.replaceChildren(el("strong", {}, what), " ", advice);
    }
  }

  /** Leaves what is at work. */
  leave() {
    if (this.fetching) {
      this.fetching.abort();
    } else {
      this.verifier.cancel();
    }
  }

  /** Goes on with the record that the address came to name meanwhile. */
  async follow() {
    const next = this.next;
    this.next = null;
    await this.bring(next);
  }

  /** Fetches the record that the page's address names, where it names one, and verifies it; what is at work is left for it. */
  async bring(bundle) {
    if (!bundle) {
      return;
    }
    if (this.isRunning) {
      this.next = bundle;
      this.leave();
      return;
    }
    this.complain();
    this.isRunning = true;
    this.given = null;
    this.fetching = new AbortController();
    this.numbers = { source: { name: bundle }, fetched: 0 };
    this.show("running");
    this.at("cancel").focus();
    let archive;
    let fault;
    try {
      archive = await fetchBundle(location, bundle, this.fetching.signal, (fetched) => this.hear({ fetched }));
    } catch (error) {
      fault = error;
    } finally {
      this.fetching = null;
      this.isRunning = false;
      this.numbers = null;
    }
    if (archive) {
      this.show("intake");
      await this.take({ archive });
      return;
    }
    this.startAnew(fault instanceof Cancelled ? this.say.cancelled : "");
    if (!(fault instanceof Cancelled)) {
      this.complain(fault);
    }
    await this.follow();
  }

  /** Verifies what was handed over, with what is trusted beforehand. */
  async take(found) {
    this.complain();
    const notice = this.checkNotice(true);
    if (notice === null) {
      this.openOptions();
      this.at("notice").focus();
      return;
    }
    this.task = found;
    const files = found.archive ? [found.archive] : found.files.map((one) => one.file);
    const source = {
      name: found.archive?.name ?? found.folder,
      bytes: files.reduce((sum, file) => sum + file.size, 0),
      files: found.archive ? undefined : files.length,
    };
    await this.verify({ archive: null, files: null, ...found, policy: this.policy, notice }, source);
  }

  async verify(task, source) {
    this.isRunning = true;
    this.given = null;
    this.numbers = { source };
    this.show("running");
    this.at("cancel").focus();
    const hear = {
      reading: (...reading) => this.hear({ reading }),
      progress: (...progress) => this.hear({ progress }),
    };
    const given = { source, at: new Date(), bringOwn: () => this.openOptions() };
    try {
      given.legend = await this.verifier.ready;
      const { report, outcome } = await this.verifier.verify(task, hear);
      given.download = () => download(`${report}\n`);
      Object.assign(given, { report: JSON.parse(report), outcome });
    } catch (fault) {
      given.isLeft = fault instanceof Cancelled;
      given.fault = fault instanceof Fault ? fault : new Fault("stopped", String(fault));
    } finally {
      this.isRunning = false;
      this.numbers = null;
    }
    if (given.isLeft) {
      this.startAnew(this.say.cancelled);
    } else {
      this.given = given;
      this.show("result");
      this.draw();
      this.at("verdict").focus();
      this.tell(new View(this.language, given.legend).summary(given));
    }
    await this.follow();
  }

  openOptions() {
    this.at("options").open = true;
    this.at("options").querySelector("summary").focus();
  }

  /** Shows one of the parts; under a result another record can be taken. */
  show(part) {
    document.body.dataset.part = part;
    this.at("running").hidden = part !== "running";
    this.at("result").hidden = part !== "result";
    this.at("intake").hidden = part === "running";
    this.at("intake").setAttribute("aria-labelledby", part === "result" ? "another-title" : "intake-title");
    this.at("limits").hidden = part === "running";
    this.drawProgress();
  }

  startAnew(words = "") {
    this.given = null;
    this.draw();
    this.show("intake");
    this.at("choose-archive").focus();
    this.tell(words);
  }

  /** Draws the result anew, in the present language. */
  draw() {
    const given = this.given;
    this.at("result").replaceChildren(...(given ? new View(this.language, given.legend).result(given) : []));
    if (given) {
      const word = given.fault ? "unread" : given.report.verdict === "holds" ? "holds" : "fails";
      document.title = `${this.say[word]} · ${this.say.document}`;
    }
  }

  tell(words) {
    this.at("live").textContent = words;
  }

  hear(numbers) {
    Object.assign(this.numbers, numbers);
    const now = performance.now();
    if (now - (this.drawn ?? 0) > DRAW_MS) {
      this.drawn = now;
      this.drawProgress();
    }
  }

  drawProgress() {
    if (!this.numbers) {
      return;
    }
    const view = new View(this.language, null);
    const { source, fetched, reading, progress } = this.numbers;
    if (fetched !== undefined) {
      // How much is still to come nobody says: the hall packs the record while it sends it.
      this.at("running-file").textContent = source.name;
      this.at("progress").removeAttribute("value");
      this.at("figures").textContent = this.say.fetching(mebibytes(fetched));
      document.title = `${this.say.running} · ${this.say.document}`;
      return;
    }
    this.at("running-file").textContent = view.source(source);
    const [prepared, judged, total] = progress ?? [0, 0, 0];
    // Reading is a twentieth of the bar; signatures are most of the work that follows.
    const read = reading ? reading[0] / Math.max(1, reading[1]) : 0;
    const done = total > 0 ? 50 + (prepared * 0.75 + judged * 0.25) * (950 / total) : 50 * read;
    this.at("progress").value = Math.round(done);
    const numbers = [prepared, judged, total].map((number) => view.number(number));
    const figures = total > 0 ? this.say.figures(...numbers) : this.say.reading(...(reading ?? [0, 0]).map(mebibytes));
    this.at("figures").textContent = this.verifier.isSteady ? figures : this.say.still;
    const percent = Math.floor(done / 10);
    document.title = `${percent}% ${this.say.running} · ${this.say.document}`;
    const step = Math.floor(percent / SPOKEN_STEP);
    if (step > (this.numbers.spoken ?? 0)) {
      this.numbers.spoken = step;
      this.tell(this.say.percent(step * SPOKEN_STEP));
    }
  }
}

function mebibytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function folderName([file]) {
  return file.webkitRelativePath.split("/")[0];
}

function download(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  el("a", { href: address, download: "landgavel-report.json" }).click();
  // The download has begun by then; the address would keep the text in memory.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

if (typeof document === "undefined") {
  serve();
} else {
  new Page(document.currentScript.textContent);
}
