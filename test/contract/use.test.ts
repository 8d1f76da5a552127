// Why a check in socket.use is not enough: what clients can send past it.
import { expect } from "chai";
import { it } from "mocha";
import { collector, connected, contract, heard } from "./contract.js";

contract("a check in socket.use", (serve) => {
  it("why: does not see a client's answers to server acks", async () => {
    const { socket, attacker } = await connected(serve);
    const used: unknown[] = [];
    socket.use((event, next) => { used.push(event); next(new Error("denied")); });
    const answered = new Promise((resolve) => socket.emit("confirm", resolve));
    const question = await attacker.next();
    attacker.send(`43${/^42(\d+)/.exec(question)![1]}["yes"]`);
    expect(await answered).to.equal("yes");
    expect(used).to.deep.equal([]);
  });

  it("why: that calls next(error) reaches only the server's error listener, and the client receives no ack", async () => {
    const { socket, attacker } = await connected(serve);
    socket.use(([name], next) => next(name === "denied" ? new Error("denied") : undefined));
    socket.on("last", (ack: () => void) => ack());
    const failing = heard(socket, "error");
    attacker.send('421["denied"]', '422["last"]');
    expect(await failing).to.have.nested.property("[0].message", "denied");
    expect(await attacker.next()).to.equal("432[]");
  });

  it("why: allows the event with next(null), next(0), next(\"\"), next(false) and next(NaN)", async () => {
    const { socket, attacker } = await connected(serve);
    const answers: unknown[] = [null, 0, "", false, NaN];
    const handled = collector<unknown>(answers.length);
    socket.use((_event, next) => (next as (answer: unknown) => void)(answers[handled.all.length]));
    socket.on("event", handled.push);
    for (let nth = 0; nth < answers.length; nth++) {
      attacker.send(`420["event",${nth}]`);
      await heard(socket, "event");
    }
    expect(await handled.full).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it("why: allows the event if it calls next(error) and then next()", async () => {
    const { socket, attacker } = await connected(serve);
    socket.use((_event, next) => { next(new Error("denied")); next(); });
    const handled = heard(socket, "event");
    attacker.send('42["event"]');
    await handled;
  });

  it("why: reorders events if it is asynchronous", async () => {
    const { socket, attacker } = await connected(serve);
    const waiting = collector<() => void>(3);
    const handled = collector<unknown>(3);
    socket.use((_event, next) => waiting.push(next));
    socket.on("event", handled.push);
    attacker.send('42["event",1]', '42["event",2]', '42["event",3]');
    (await waiting.full).reverse().forEach((next) => next());
    expect(await handled.full).to.deep.equal([3, 2, 1]);
  });

  it("why: does not stop a client from calling the server's error listeners", async () => {
    const { socket, attacker } = await connected(serve);
    const fired = heard(socket, "error");
    attacker.send('42["error","from outside"]');
    expect(await fired).to.deep.equal(["from outside"]);
  });

  it("why: does not stop a client from sending a value in place of the ack function", async () => {
    const { socket, attacker } = await connected(serve);
    const handled = heard(socket, "event");
    attacker.send('42["event",1,"not a function"]');
    expect(await handled).to.deep.equal([1, "not a function"]);
  });
});
