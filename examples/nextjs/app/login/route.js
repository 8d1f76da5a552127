// POST /login: checks the password and answers with a token. Replace it by your own sign-in.
import { jwt } from "socket.io-guard";

export async function POST(request) {
  const { name, password } = await request.json();
  if (typeof name !== "string" || password !== "wonderland") return new Response("The name or the password is wrong.", { status: 401 });
  const tokens = jwt({ keys: process.env.JWT_SECRET });
  return new Response(tokens.issue({ sub: name, role: name === "carol" ? "admin" : "member" }, { expiresIn: "8h" }));
}
