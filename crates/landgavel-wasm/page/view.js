// A verdict as a document. Whatever stands in a record is set as text, never as markup.

/** An element with attributes and children; text is text. `onclick` is a listener, what is empty is left out. */
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") {
      node.addEventListener("click", value);
    } else if (value !== undefined && value !== null && value !== false) {
      node.setAttribute(key, value === true ? "" : value);
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A sign; its meaning always stands in words beside it. */
function sign(name) {
  const space = "http://www.w3.org/2000/svg";
  const node = document.createElementNS(space, "svg");
  node.setAttribute("class", `sign ${name}`);
  node.setAttribute("aria-hidden", "true");
  node.append(document.createElementNS(space, "use"));
  node.firstChild.setAttribute("href", `#${name}`);
  return node;
}

/** Whether a report is on the bundle of a pledge. */
const isOfPledge = (report) => report.format === "landgavel-pledge-report/1";

/** Draws results in a language; `say` gives its words. */
class View {
  constructor(language, legend) {
    this.language = language;
    this.other = language === "zh" ? "en" : "zh";
    this.legend = legend;
    this.say = WORDS[language];
  }

  tag(language) {
    return language === "zh" ? "zh-CN" : "en";
  }

  /** A number with marks between its thousands. */
  number(value) {
    return new Intl.NumberFormat(this.tag(this.language)).format(value);
  }

  /** Part of the document under a heading. */
  entry(heading, ...children) {
    return el("section", { class: "entry" }, el("h2", {}, heading), el("div", { class: "body" }, children));
  }

  /** Pairs of name and value; a pair without a value is left out. */
  list(pairs, kind = "pairs") {
    const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== false);
    return el("dl", { class: kind }, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  }

  /** Short facts in a line, each kept whole; those that are nothing are left out. */
  facts(facts) {
    const parts = facts.filter(Boolean).flatMap((fact) => [" · ", el("span", { class: "fact" }, fact)]);
    return el("span", { class: "facts" }, parts.slice(1));
  }

  /** A text of both languages, the reader's first and the other below it. */
  both(text) {
    return [
      el("span", { class: "first" }, text[this.language]),
      el("span", { class: "second", lang: this.tag(this.other) }, text[this.other]),
    ];
  }

  /** The whole result. */
  result(given) {
    if (given.fault) {
      return [this.unread(given.fault)];
    }
    const { report } = given;
    return [
      this.verdict(report),
      report.wrong && this.wrong(report),
      this.caveats(report.caveats, given.bringOwn),
      given.outcome && this.outcome(given.outcome[this.language]),
      isOfPledge(report) && report.outcome && this.standing(report.outcome),
      this.checks(report),
      this.subject(report, given),
      this.actions(given),
    ].filter(Boolean);
  }

  /** One line for whoever hears the page. */
  summary(given) {
    if (given.fault) {
      return this.say.faults[given.fault.kind]?.[0] ?? this.say.unread;
    }
    return this.why(given.report);
  }

  why(report) {
    const { wrong, checks, subject } = report;
    if (!wrong) {
      return this.say.holdsWhy(this.number(subject.entries), checks.length, report.caveats.length);
    }
    return wrong.entry === null ? this.say.failsIn(wrong.file) : this.say.failsAt(this.number(wrong.entry));
  }

  seal(kind, word, ...children) {
    const name = { holds: "passed", fails: "failed", unread: "unread" }[kind];
    const second = el("p", { class: "verdict-second", lang: this.tag(this.other) }, WORDS[this.other][word]);
    return el(
      "div",
      { class: `verdict ${kind}` },
      el("div", { class: "seal" }, sign(name)),
      el("div", { class: "verdict-words" }, el("h1", { id: "verdict", tabindex: "-1" }, this.say[word]), second, children),
    );
  }

  verdict(report) {
    const { title } = report.subject;
    const word = report.verdict === "holds" ? "holds" : "fails";
    return this.seal(
      word,
      word,
      el("p", { class: "sale" }, el("bdi", {}, title ? title[this.language] : this.say.untitled)),
      el("p", {}, this.why(report)),
    );
  }

  unread({ kind, details }) {
    const [what, advice] = this.say.faults[kind] ?? [this.say.unread, ""];
    const program = ["tooLarge", "memory", "stopped", "browser"].includes(kind) && el("p", {}, this.say.useProgram);
    const more = details && el("p", { class: "details", lang: "en" }, el("bdi", {}, details));
    return this.seal("unread", "unread", el("p", { class: "sale" }, what), el("p", {}, advice), program, more);
  }

  /** What a check asks, which is not the same of a sale and of a pledge. */
  title(report, check) {
    const checks = isOfPledge(report) ? this.legend.pledge_checks : this.legend.checks;
    return checks.find((one) => one.check === check) ?? { zh: check, en: check };
  }

  wrong(report) {
    const { wrong } = report;
    const check = this.title(report, wrong.check);
    const code = this.named("codes", wrong.code);
    const hint =
      (wrong.code === "stray" && this.say.hintStray) ||
      (wrong.code === "missing" && wrong.file === "bundle.json" && this.say.hintMissing);
    return this.entry(
      this.say.wrong,
      code && el("p", { class: "first-wrong" }, code[this.language]),
      this.list([
        [this.say.wrongEntry, wrong.entry === null ? this.say.wrongNoEntry : this.number(wrong.entry)],
        [this.say.wrongFile, el("code", {}, wrong.file)],
        [this.say.wrongCheck, el("span", { class: "first" }, check[this.language])],
        [this.say.wrongCode, el("code", {}, `${wrong.check}/${wrong.code}`)],
        [this.say.wrongMessage, el("span", { lang: "en" }, el("bdi", {}, wrong.message))],
      ]),
      hint && el("p", { class: "hint" }, hint),
      el("p", { class: "means" }, this.say.failsMeans),
    );
  }

  /** A text of the legend; the names come from the module, yet nothing is looked up in an object's ancestors. */
  named(list, name) {
    return Object.hasOwn(this.legend[list], name) ? this.legend[list][name] : null;
  }

  caveats(names, bringOwn) {
    const item = (name) => el("li", {}, this.both(this.named("caveats", name) ?? { zh: name, en: name }));
    if (names.length === 0) {
      return this.entry(this.say.caveats, el("p", {}, this.say.caveatsNone));
    }
    const lacksOwn = names.includes("policy-from-bundle") || names.includes("notice-from-bundle");
    return this.entry(
      this.say.caveats,
      el("ul", { class: "caveats" }, names.map(item)),
      lacksOwn && el("p", {}, el("button", { type: "button", class: "link", onclick: bringOwn }, this.say.bringOwn)),
    );
  }

  outcome(outcome) {
    const say = this.say;
    const term = (term) => [
      term.name,
      [
        el("strong", {}, term.value),
        this.list([[say.perLot, term.lot], [say.capitals, term.capitals], [say.perMu, term.mu]], "amounts"),
      ],
    ];
    const duty = (duty) => el("li", {}, duty.text, this.facts([duty.amount, duty.due && say.due(duty.due)]));
    const winner = (winner) => [
      el("h3", {}, `${winner.role} ${winner.bidder}`),
      this.list(winner.terms.map(term), "terms"),
      winner.duties.length > 0 && [el("h4", {}, say.duties), el("ul", { class: "duties" }, winner.duties.map(duty))],
    ];
    const stage = (stage) => {
      const field = say.field(this.number(stage.field));
      const facts = [field, stage.best && say.best(stage.best), stage.why, stage.leader && say.leader(stage.leader)];
      return el("li", {}, el("span", { class: "first" }, stage.title), this.facts(facts));
    };
    return this.entry(
      say.outcome,
      el("p", { class: "status" }, outcome.status),
      outcome.winners.map(winner),
      outcome.stages.length > 0 && [el("h3", {}, say.stages), el("ol", { class: "stages" }, outcome.stages.map(stage))],
    );
  }

  /** How a pledge stands: what was kept, what the bond holds, what is owed. */
  standing(standing) {
    const { say } = this;
    const money = (minor) => `${this.number(minor / 100)} ${standing.currency}`;
    const count = (...verdicts) => this.number(standing.items.filter((item) => verdicts.includes(item.verdict)).length);
    const claim = (claim) =>
      el("li", {}, `${claim.about}${claim.year ? ` · ${this.number(claim.year)}` : ""}`, this.facts([
        money(claim.amount_minor), say.fromBond(money(claim.from_bond_minor)), say.stillOwed(money(claim.owed_minor)),
      ]));
    return this.entry(
      say.standing,
      el("p", { class: "status" }, say.pledgeStatus[standing.status] ?? standing.status),
      this.list([
        [say.pledgeWinner, standing.winner],
        [say.kept, `${count("met", "cured", "waived")} / ${this.number(standing.items.length)}`],
        [say.breached, count("breached")],
        [say.bondHeld, money(standing.bond_held_minor)],
        [say.bondMissing, money(standing.bond_missing_minor)],
      ]),
      standing.claims.length > 0 && [el("h3", {}, say.claims), el("ol", { class: "stages" }, standing.claims.map(claim))],
    );
  }

  checks(report) {
    const row = ({ check, count, verdict }) => {
      const title = this.title(report, check);
      const words = { passed: this.say.passed, failed: this.say.failed }[verdict] ?? this.say.undecided;
      const name = verdict === "passed" || verdict === "failed" ? verdict : "undecided";
      return el(
        "tr",
        { class: name, role: "row" },
        el("th", { scope: "row", role: "rowheader" }, this.both(title)),
        el("td", { class: "count", role: "cell" }, this.number(count)),
        el("td", { class: "said", role: "cell" }, sign(name), " ", words),
      );
    };
    const heads = [["check", null], ["count", "count"], ["verdict", "said"]];
    const head = ([word, kind]) => el("th", { scope: "col", role: "columnheader", class: kind }, this.say[word]);
    return this.entry(
      this.say.checks,
      el(
        "table",
        { class: "checks", role: "table" },
        el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map(head))),
        el("tbody", { role: "rowgroup" }, report.checks.map(row)),
      ),
      report.wrong && el("p", { class: "hint" }, this.say.undecidedWhy),
    );
  }

  subject(report, given) {
    const { say } = this;
    const { origin, entries, root, notice, trusted } = report.subject;
    const code = (text) => text && el("code", {}, text);
    const from = report.caveats.includes("policy-from-bundle") ? say.trustedBundle : say.trustedOwn;
    const keys = trusted.length > 0 && [el("p", { class: "hint" }, from), el("ul", { class: "keys" }, trusted.map((key) => el("li", {}, code(key))))];
    const when = new Intl.DateTimeFormat(this.tag(this.language), { dateStyle: "long", timeStyle: "long" }).format(given.at);
    return this.entry(
      say.subject,
      this.list([
        [say.source, el("bdi", {}, this.source(given.source))],
        [say.verified, [when, el("span", { class: "hint" }, say.byThisClock)]],
        [say.origin, code(origin)],
        [say.entries, this.number(entries)],
        [say.root, code(root)],
        [say.noticeDigest, code(notice)],
        [say.trusted, keys],
      ]),
    );
  }

  /** Name and size of what was handed over. */
  source({ name, bytes, files }) {
    const size = bytes < 1024 * 1024 ? `${this.number(Math.ceil(bytes / 1024))} KiB` : `${this.number(Math.ceil(bytes / 1024 / 1024))} MiB`;
    return [name, files === undefined ? null : this.say.folderOf(this.number(files)), size].filter(Boolean).join(" · ");
  }

  actions({ download }) {
    const { say } = this;
    const button = (word, listener, kind) => el("button", { type: "button", class: kind, onclick: listener }, say[word]);
    const buttons = [button("download", download, "loud"), button("print", () => window.print(), "quiet")];
    const part = this.entry(say.actions, el("p", { class: "buttons" }, buttons), el("p", { class: "hint" }, say.downloadWhy));
    part.classList.add("actions");
    return part;
  }
}
