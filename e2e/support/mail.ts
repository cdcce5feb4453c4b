/** A mail server that keeps what it is given: what people would find in their inbox. */

import { type Server, type Socket, createServer } from "node:net";
import { once } from "node:events";

/** A mail that was taken. */
export interface Mail {
  to: string;
  /** The whole of it, its lines as they were written. */
  text: string;
}

export class MailServer {
  readonly mails: Mail[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<MailServer> {
    const server = createServer();
    const mail = new MailServer(server);
    server.on("connection", (socket) => mail.#talk(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return mail;
  }

  /** What makes a Relay send its mail here. */
  get env(): Record<string, string> {
    const address = this.#server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    // It has no certificate: without this Relay sends nothing to a server that does not offer STARTTLS.
    return { RELAY_SMTP_URL: `smtp://127.0.0.1:${port}?tls=none`, RELAY_SMTP_FROM: "Relay <relay@example.com>" };
  }

  /** The link to a page of the console in the newest mail to someone, now or later. */
  async link(to: string, page: string): Promise<string> {
    for (;;) {
      for (const mail of this.mails.toReversed()) {
        const link = mail.to === to ? mail.text.match(new RegExp(`http\\S+/console/${page}#[^\\s"<]+`)) : null;
        if (link) {
          return link[0];
        }
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Forgets what has come so far. */
  clear(): void {
    this.mails.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }

  /** As much of SMTP (RFC 5321) as it takes to be given a mail. */
  #talk(socket: Socket): void {
    let unread = "";
    let to = "";
    let body: string[] | undefined;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const read = (line: string) => {
      if (body) {
        if (line !== ".") {
          body.push(line.replace(/^\./, ""));
          return;
        }
        this.#keep(to, body.join("\n"));
        body = undefined;
        say("250 taken");
      } else if (/^DATA/i.test(line)) {
        body = [];
        say("354 go on");
      } else if (/^RCPT/i.test(line)) {
        to = line.match(/<(.*)>/)?.[1] ?? "";
        say("250 fine");
      } else if (/^EHLO/i.test(line)) {
        // A mail with other letters than ASCII's is not given to a server that does not say this.
        say("250-here\r\n250 8BITMIME");
      } else if (/^QUIT/i.test(line)) {
        say("221 bye");
        socket.end();
      } else {
        say("250 fine");
      }
    };
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      const lines = (unread + text).split("\r\n");
      unread = lines.pop() ?? "";
      lines.forEach(read);
    });
    // A sender that goes away in the middle has sent nothing.
    socket.on("error", () => socket.destroy());
    say("220 here");
  }

  #keep(to: string, raw: string): void {
    // Quoted-printable (RFC 2045): soft ends of lines, then bytes.
    const bytes = raw.replace(/=\n/g, "").replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
    this.mails.push({ to, text: Buffer.from(bytes, "latin1").toString("utf8") });
    for (const wake of this.#waiting) {
      wake();
    }
    this.#waiting.clear();
  }
}
