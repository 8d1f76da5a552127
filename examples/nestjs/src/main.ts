import "reflect-metadata";
import { Body, Controller, Module, Post, UnauthorizedException } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ChatGateway } from "./chat.gateway.js";
import { GuardedIoAdapter, tokens } from "./guard.js";

@Controller()
class LoginController {
  // Replace it by your own sign-in.
  @Post("login")
  login(@Body() { name, password }: { name?: unknown; password?: unknown }): string {
    if (typeof name !== "string" || password !== "wonderland") throw new UnauthorizedException();
    return tokens.issue({ sub: name, role: name === "carol" ? "admin" : "member" }, { expiresIn: "15m" });
  }
}

@Module({ controllers: [LoginController], providers: [ChatGateway] })
class AppModule {}

const app = await NestFactory.create(AppModule);
app.useWebSocketAdapter(new GuardedIoAdapter(app));
await app.listen(process.env["PORT"] ?? 3000);
console.log(`Listening on ${await app.getUrl()}`);
