// Somebody's browser: it knows cookies, redirects and forms, and nothing else.
import { alice, origin } from './world.mjs';

// Alice opens an authorization request, signs in and allows it, unless she did before; where she is sent then.
export async function allow(url) {
  const browser = new Browser();
  const consent = await browser.submit(await browser.open(url), 'login-submit', alice);
  return consent.page ? browser.submit(consent, 'consent-approve', { decision: 'allow' }) : consent;
}

class Browser {
  #cookies = new Map();

  open(url) {
    return this.#go(url, {});
  }

  submit({ url, page }, button, filled) {
    const form = page.match(/<form.*?<\/form>/gs).find((text) => text.includes(`id="${button}"`));
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const fields = { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), ...filled };
    const action = form.match(/action="([^"]*)"/)[1].replaceAll(/&(amp|#38);/g, '&');
    const body = new URLSearchParams(fields);
    return this.#go(new URL(action, url), { method: 'POST', body, headers: { Origin: origin } });
  }

  // A page, or, at the first redirect to another origin, the address alone.
  async #go(url, request) {
    const Cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(url, { redirect: 'manual', ...request, headers: { Cookie, ...request.headers } });
    for (const cookie of reply.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]*)=([^;]*)/);
      this.#cookies.set(name, value);
    }
    const location = reply.headers.get('location');
    if (!location) return { url, page: await reply.text() };
    const next = new URL(location, url);
    return next.origin === origin ? this.#go(next, {}) : { url: next };
  }
}
