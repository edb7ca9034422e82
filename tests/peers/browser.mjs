/** A browser without JavaScript: keeps cookies, fills in our forms, and stops where it would leave us. */
export class Browser {
  cookies = new Map();

  constructor(issuer, account, password) {
    Object.assign(this, { issuer, account, password });
  }

  async open(address, form) {
    const { origin } = new URL(this.issuer);
    let url = new URL(address, this.issuer);
    let body = form && new URLSearchParams(form);
    for (;;) {
      if (url.origin !== origin) return { left: url };
      const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
      const headers = { cookie, "accept-language": "en", ...(body && { origin }) };
      const answer = await fetch(url, { method: body ? "POST" : "GET", body, headers, redirect: "manual" });
      for (const set of answer.headers.getSetCookie()) {
        const [name, value] = set.split(";")[0].split("=");
        this.cookies.set(name, value);
      }
      if (answer.status !== 303) return { page: await answer.text(), status: answer.status };
      [url, body] = [new URL(answer.headers.get("location"), url), undefined];
    }
  }

  submit(page, filled) {
    const form = page.match(/<form method="post" action="([^"]+)"[^]*?<\/form>/);
    const hidden = [...form[0].matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    return this.open(form[1], { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), ...filled });
  }

  async signIn(address) {
    const { account, password } = this;
    let at = await this.open(address);
    if (at.page?.includes('name="password"')) at = await this.submit(at.page, { username: account, password });
    if (at.page?.includes('value="allow"')) at = await this.submit(at.page, { decision: "allow" });
    return at;
  }
}
