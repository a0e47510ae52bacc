// What scripts say, in both languages. Everything else is said by the server.

const TEXTS = {
  admitting: ["报名与资格审查", "Applications and admission"],
  provisional: ["已产生竞得入选人", "There is a provisional winner"],
  awarded: ["已成交", "Sold"],
  passed_in: ["流拍", "Passed in"],
  annulled: ["已撤销", "Annulled"],
  stopped: ["暂停受理", "Not taking commands"],
  running: ["竞价中", "Bidding"],
  winner: ["竞得人", "Winner"],
  connected: ["已连接", "Connected"],
  late: ["连接缓慢", "Connection is slow"],
  lost: ["连接中断，正在重连", "Connection lost, trying again"],
  leads: ["您当前领先", "You lead"],
  trails: ["您当前未领先", "You do not lead"],
  watches: ["您在旁观", "You are watching"],
  own: ["（您）", "(you)"],
  days: ["天", "d"],
  no_end: ["无截止时间", "no end set"],
  stands: ["计时暂停", "clock stopped"],
  seconds_left: ["还剩 {0} 秒", "{0} seconds left"],
  next_least: ["下一口最低报价 {0}", "The next bid must be at least {0}"],
  choose_first: ["先选定金额", "Choose an amount first"],
  overtaken: ["{0} 已不够，请重新选择", "{0} is no longer enough; please choose again"],
  steps: ["加 {0} 个幅度", "{0} step(s) up"],
  least: ["最低报价", "the least"],
  sign_bid: ["签名并报价 {0}", "Sign and bid {0}"],
  signing: ["正在签名并提交……", "Signing and sending …"],
  again: ["未收到答复，用同一签名重试……", "No answer yet; sending the same signed bid again …"],
  sending: ["正在提交……", "Sending …"],
  other_files: ["页面所示的规则或标的与公告摘要不符，未签名。", "The files on this page do not fit the digests in the notice; nothing was signed."],
  too_large: ["请选择不超过 10 MB 的文件。", "Choose a file of at most 10 MB."],
  accepted: ["已受理，第 {0} 号记录", "Entered as no. {0}"],
  refused: ["被规则拒绝：{0}（已记入第 {1} 号记录）", "Refused by the rules: {0} (entered as no. {1})"],
  turned_away: ["未能受理：{0}", "Not taken: {0}"],
  no_answer: ["未收到答复。请勿更改金额，稍后用同一按钮重试；结果以记录为准。", "No answer came. Press the same button again later; the record decides."],
  receipt: ["下载回执", "Download the receipt"],
  proof: ["下载见证后的证明", "Download the witnessed proof"],
  not_witnessed: ["尚未见证，请稍后再试", "Not witnessed yet; please try again"],
  next_moment: ["下一时点：{0}", "Next: {0}"],
  no_key: ["本浏览器没有您的签名密钥", "This browser does not hold your signing key"],
  cannot_sign: ["本浏览器不支持 Ed25519 签名，请换用新版浏览器", "This browser cannot sign with Ed25519; please use a recent one"],
  key_here: ["本浏览器持有您的密钥", "This browser holds your key"],
  key_made: ["密钥已生成", "Key made"],
  signed_first: ["已签名，等待第二名工作人员签名", "Signed; waits for a second officer"],
  done: ["已完成", "Done"],
  proxy_stands: ["代理报价：还有 {0} 口已签报价，下一口 {1}，限额 {2}", "Proxy bids: {0} signed bids are left, the next {1}, the limit {2}"],
  proxy_spent: ["代理报价：已到限额 {0}", "Proxy bids: the limit {0} is reached"],
  proxy_refused: ["；上一口被规则拒绝：{0}", "; the last was refused by the rules: {0}"],
  proxy_lodged: ["已签名并提交 {0} 口代理报价", "Signed and lodged {0} proxy bids"],
  proxy_cancelled: ["代理报价已撤回；已提交的报价仍然有效", "The proxy bids were taken back; bids that were brought stand"],
  proxy_stopped: ["；连续被拒，其余不再提交：请撤回或重新提交", "; refused again and again, so the rest is left alone: take them back or lodge anew"],
  proxy_asked: ["代理报价已撤回；{0} 一口已在办理，可能仍会列入", "The proxy bids were taken back; that of {0} is at the desk already and may still be entered"],
  secret_kept: ["再次保存数值与盐（揭示时必需，请妥善保密）", "Save value and salt again (needed to reveal; keep them secret)"],
  scheme_choose: ["请先选择方案文件", "Choose the file of the scheme first"],
  proxy_amounts: ["加价须为幅度 {0} 的整数倍，限额不低于 {1}，且不超过 1000 口", "The increment must be a multiple of {0}, the limit at least {1}, with no more than 1000 bids"],
  no_certificate: [
    "等级证书读不出来：请把出证人给的文件内容原样粘贴。",
    "The certificate cannot be read: paste what the issuer gave you, as it is.",
  ],
  choose_file: ["请选择文件", "Choose the file"],
  wrong_amount: ["请填写数字金额", "Please enter an amount in digits"],
};

const isEnglish = document.documentElement.lang.startsWith("en");

/** A text in the page's language, its gaps filled. */
export function say(name, ...gaps) {
  const text = TEXTS[name]?.[isEnglish ? 1 : 0] ?? name;
  return text.replace(/\{(\d)\}/g, (_, index) => String(gaps[index] ?? ""));
}

/** One of two languages of a text from the server. */
export function pick(both) {
  if (both === null || both === undefined) return "";
  return typeof both === "string" ? both : isEnglish ? both.en : both.zh;
}
