# syntax=docker/dockerfile:1
ARG VERSION=20
FROM --platform=linux/amd64 node:${VERSION}-alpine AS build
WORKDIR /srv/clinic
ENV NODE_ENV=production PORT="8080"
COPY --chown=node:node package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci && \
    # the cache is of no use later
    rm -rf /tmp/*
RUN if [ -f start.sh ]; then chmod +x start.sh; else echo "no start"; fi

FROM node:20-alpine@sha256:0a1b2c
LABEL team=clinic "cost center"='42'
COPY --from=build /srv/clinic /srv/clinic
RUN <<SETUP
adduser -D clinic
apk add --no-cache curl
SETUP
USER clinic:clinic
EXPOSE $PORT 9090/tcp
VOLUME ["/data"]
HEALTHCHECK --interval=30s CMD curl -f http://localhost:$PORT/ || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "server.js"]
CMD ["--port", "8080"]
