# The API and the workers: one image, another command each. See temporal-docker-compose.yml and docs/deployment.md.
FROM node:20.20.2-bookworm AS build
WORKDIR /ratchet
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
# git: mirrors and landing. bubblewrap: the sandbox of trials. Compilers for dependencies of targets are not here.
RUN apt-get update \
    && apt-get install -y --no-install-recommends git bubblewrap ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 1000 -g 1000 /var/lib/ratchet /repositories
WORKDIR /ratchet
COPY --from=build /ratchet/package.json ./
COPY --from=build /ratchet/node_modules ./node_modules
COPY --from=build /ratchet/dist ./dist
ENV NODE_ENV=production RATCHET_HOME=/var/lib/ratchet
VOLUME /var/lib/ratchet
USER 1000:1000
CMD ["node", "dist/worker.js"]
