# Builds the executable with the Swift runtime linked in. The later stage has no compiler and no source.
FROM swift:6.3-bookworm AS build
WORKDIR /build
COPY scripts/bootstrap scripts/bootstrap
RUN scripts/bootstrap && rm -rf /var/lib/apt/lists/*

# Dependencies first: they are fetched again only when the manifest changes. Package.resolved is there when it was made.
COPY Package.swift Package.resolve[d] ./
RUN swift package resolve

# The manifest names the targets of tests and benchmarks, so their folders have to exist; they are not built.
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
RUN swift build -c release --product seaworthy --static-swift-stdlib \
    && install -D -m 0755 "$(swift build -c release --show-bin-path)/seaworthy" /out/seaworthy

FROM debian:bookworm-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates libargon2-1 libcurl4 libpq5 libsqlite3-0 libstdc++6 postgresql-client zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0750 /app /data
COPY --from=build /out/seaworthy /usr/local/bin/seaworthy
# What reads the stack of a crash: where the runtime looks for it.
COPY --from=build /usr/libexec/swift/linux/swift-backtrace-static /usr/local/libexec/swift/linux/swift-backtrace

# The application's folder: mount seaworthy.yaml here. Its database lies in /data.
WORKDIR /app
VOLUME /data
ENV APP_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATABASE_URL=sqlite:/data/seaworthy.db \
    SWIFT_BACKTRACE=enable=yes,format=json,output-to=/data/crashes,interactive=no,color=no,threads=crashed,images=mentioned
EXPOSE 8080

# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["seaworthy", "health"]
ENTRYPOINT ["seaworthy"]
CMD ["serve"]
