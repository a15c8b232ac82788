// swift-tools-version:6.2
import PackageDescription

/// Every target of ours is built with the same strictness.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

extension Target.Dependency {
    static let argumentParser: Self = .product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient: Self = .product(name: "AsyncHTTPClient", package: "async-http-client")
    static let configuration: Self = .product(name: "Configuration", package: "swift-configuration")
    static let coreMetrics: Self = .product(name: "CoreMetrics", package: "swift-metrics")
    static let crypto: Self = .product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras: Self = .product(name: "CryptoExtras", package: "swift-crypto")
    static let hummingbird: Self = .product(name: "Hummingbird", package: "hummingbird")
    static let httpTypes: Self = .product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbirdCore: Self = .product(name: "HummingbirdCore", package: "hummingbird")
    static let jwtKit: Self = .product(name: "JWTKit", package: "jwt-kit")
    static let logging: Self = .product(name: "Logging", package: "swift-log")
    static let metrics: Self = .product(name: "Metrics", package: "swift-metrics")
    static let metricsTestKit: Self = .product(name: "MetricsTestKit", package: "swift-metrics")
    static let nioCore: Self = .product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded: Self = .product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTP1: Self = .product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix: Self = .product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL: Self = .product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioTLS: Self = .product(name: "NIOTLS", package: "swift-nio")
    static let tracing: Self = .product(name: "Tracing", package: "swift-distributed-tracing")
    static let serviceLifecycle: Self = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals: Self = .product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams: Self = .product(name: "Yams", package: "Yams")
}

let package = Package(
    name: "seaworthy",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "seaworthy", targets: ["SeaworthyCLI"]),
        .library(name: "Seaworthy", targets: ["Seaworthy"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The declared model and what is asked of it. Pure.
        library("SeaworthySchema", [.yams]),
        library("SeaworthySQL", ["SeaworthySchema"]),
        library("SeaworthyQuery", ["SeaworthySchema", "SeaworthySQL"]),

        // What drivers implement, and the drivers.
        library("SeaworthyStorage", ["SeaworthySchema", "SeaworthySQL", .metrics, .nioCore, .tracing]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        library("SeaworthySQLite", ["SeaworthySchema", "SeaworthySQL", "SeaworthyStorage", "CSQLite"]),

        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        library("SeaworthyPostgres", ["SeaworthySchema", "SeaworthySQL", "SeaworthyStorage", "CPostgreSQL"]),

        library(
            "SeaworthyRedis",
            ["SeaworthyStorage", "SeaworthySchema", .crypto, .logging, .metrics, .nioCore, .nioPosix, .nioSSL]),

        // What is done with them.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        library(
            "SeaworthyMaintenance",
            [
                "CZlib", "SeaworthySchema", "SeaworthySQL", "SeaworthyStorage",
                .asyncHTTPClient, .crypto, .logging, .metrics, .nioCore, .nioHTTP1, .tracing,
            ]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"]), .brew(["argon2"])]),
        library(
            "SeaworthyData",
            [
                "CArgon2", "SeaworthySchema", "SeaworthySQL", "SeaworthyQuery", "SeaworthyStorage", .crypto, .cryptoExtras, .nioCore,
                .tracing,
            ]),

        // What identities reach the world by.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        library("SeaworthyMail", ["CCurl", "SeaworthySchema", .logging, .metrics, .tracing]),
        library(
            "SeaworthyOpenID",
            ["SeaworthySchema", .asyncHTTPClient, .crypto, .cryptoExtras, .logging, .nioCore, .nioHTTP1, .tracing]),

        // How it is reached and watched.
        library(
            "SeaworthyHTTP",
            [
                "CZlib", "SeaworthySchema", "SeaworthyQuery", "SeaworthyData", "SeaworthyStorage",
                .hummingbirdCore, .httpTypes, .logging, .metrics, .nioCore, .nioHTTP1, .nioPosix, .nioSSL, .nioTLS, .serviceLifecycle,
                .tracing,
            ],
            // The pages of /docs and /account: docs/decisions/0027-docs-page-embedded.md.
            resources: [
                .embedInCode("Docs/Page/docs.html"), .embedInCode("Docs/Page/docs.css"), .embedInCode("Docs/Page/docs.js"),
                .embedInCode("Account/Page/verify.html"), .embedInCode("Account/Page/reset.html"),
                .embedInCode("Account/Page/account.css"), .embedInCode("Account/Page/account.js"),
            ]),
        library("SeaworthyTelemetry", [.asyncHTTPClient, .coreMetrics, .logging, .nioCore, .nioHTTP1, .tracing]),

        // Settings, wiring and lifecycle; then one file a command.
        library(
            "Seaworthy",
            [
                "SeaworthySchema", "SeaworthySQL", "SeaworthyQuery", "SeaworthyStorage", "SeaworthySQLite", "SeaworthyPostgres",
                "SeaworthyRedis", "SeaworthyMaintenance", "SeaworthyData", "SeaworthyMail", "SeaworthyOpenID", "SeaworthyHTTP",
                "SeaworthyTelemetry",
                .asyncHTTPClient, .configuration, .logging, .metrics, .nioCore, .nioHTTP1, .nioPosix, .nioSSL, .serviceLifecycle, .tracing,
                .unixSignals,
            ]),
        .executableTarget(name: "SeaworthyCLI", dependencies: ["Seaworthy", .argumentParser], swiftSettings: strict),

        // What the benchmarks measure against: a bare route of Hummingbird's.
        .executableTarget(
            name: "BareServer", dependencies: [.hummingbird, .logging, .nioCore], path: "Benchmarks/BareServer", swiftSettings: strict),
        // The driver for PostgreSQL alone under load.
        .executableTarget(
            name: "DriverLoad", dependencies: ["SeaworthyPostgres", "SeaworthySQL", "SeaworthySchema", "SeaworthyStorage"],
            path: "Benchmarks/DriverLoad", swiftSettings: strict),

        // The client for Redis alone under load.
        .executableTarget(
            name: "RedisLoad", dependencies: ["SeaworthyRedis", .logging, .nioCore], path: "Benchmarks/RedisLoad", swiftSettings: strict),

        // Test support, then the tests, a target each.
        .target(
            name: "StorageContract",
            dependencies: ["SeaworthySchema", "SeaworthySQL", "SeaworthyStorage", .nioCore],
            path: "Tests/StorageContract", swiftSettings: strict),
        .target(name: "SeededNumbers", path: "Tests/SeededNumbers", swiftSettings: strict),
        .target(name: "HTTPServing", dependencies: [.nioCore, .nioHTTP1, .nioPosix], path: "Tests/HTTPServing", swiftSettings: strict),
        .target(name: "PostgresServing", path: "Tests/PostgresServing", swiftSettings: strict),
        .target(
            name: "ProviderServing", dependencies: ["PostgresServing", .asyncHTTPClient, .nioCore, .nioHTTP1],
            path: "Tests/ProviderServing",
            swiftSettings: strict),
        .target(
            name: "RedisServing", dependencies: ["PostgresServing", .nioCore, .nioPosix], path: "Tests/RedisServing", swiftSettings: strict),
        tests("SeaworthySchemaTests", ["SeededNumbers", "SeaworthySchema"]),
        tests("SeaworthyStorageTests", ["SeededNumbers", "SeaworthyStorage", "StorageContract", .metrics, .metricsTestKit, .nioCore]),
        tests(
            "SeaworthyPostgresTests",
            [
                "SeaworthySchema", "SeaworthySQL", "SeaworthyStorage", "SeaworthyPostgres", "StorageContract", "PostgresServing",
                "CPostgreSQL",
            ]),
        tests(
            "SeaworthyRedisTests",
            [
                "SeededNumbers",
                "SeaworthyRedis", "SeaworthySchema", "SeaworthyStorage", "StorageContract", "PostgresServing", "RedisServing", .logging,
                .metrics,
                .metricsTestKit, .nioCore,
                .nioEmbedded,
            ]),
        tests("SeaworthySQLTests", ["SeaworthySchema", "SeaworthySQL"]),
        tests(
            "SeaworthyQueryTests",
            [
                "SeededNumbers",
                "SeaworthySchema", "SeaworthySQL", "SeaworthyQuery", "SeaworthyStorage", "SeaworthySQLite", "SeaworthyPostgres",
                "PostgresServing",
            ]),
        tests(
            "SeaworthySQLiteTests",
            ["SeaworthySchema", "SeaworthySQL", "SeaworthyStorage", "SeaworthySQLite", "StorageContract", "CSQLite"]),
        tests(
            "SeaworthyMaintenanceTests",
            [
                "SeededNumbers",
                "SeaworthySchema", "SeaworthySQL", "SeaworthyStorage", "SeaworthySQLite", "SeaworthyPostgres", "SeaworthyMaintenance",
                "CSQLite", "PostgresServing", .crypto, .logging, .metrics, .metricsTestKit, .nioHTTP1,
            ]),
        tests(
            "SeaworthyDataTests",
            [
                "SeededNumbers",
                "SeaworthySchema", "SeaworthySQL", "SeaworthyQuery", "SeaworthyStorage", "SeaworthySQLite", "SeaworthyMaintenance",
                "SeaworthyData", "SeaworthyPostgres", "PostgresServing", .crypto, .cryptoExtras, .nioCore,
            ]),
        tests(
            "SeaworthyHTTPTests",
            [
                "CZlib", "SeaworthySchema", "SeaworthyStorage", "SeaworthyData", "SeaworthyHTTP", "PostgresServing", .hummingbirdCore,
                .nioCore, .nioPosix,
                .nioEmbedded, .nioHTTP1, .nioSSL, .nioTLS, .httpTypes, .logging, .metrics, .metricsTestKit, .serviceLifecycle,
            ]),
        tests("SeaworthyMailTests", ["SeededNumbers", "CCurl", "SeaworthyMail", "PostgresServing", .logging, .metrics, .metricsTestKit]),
        tests(
            "SeaworthyOpenIDTests",
            [
                "SeaworthyOpenID", "SeaworthySchema", "HTTPServing", "PostgresServing", "ProviderServing",
                .asyncHTTPClient, .crypto, .cryptoExtras, .jwtKit, .logging, .nioCore, .nioHTTP1, .nioPosix,
            ]),
        tests(
            "SeaworthyTelemetryTests",
            [
                "SeededNumbers", "SeaworthyTelemetry", "HTTPServing", "PostgresServing", .coreMetrics, .logging, .metricsTestKit, .nioCore,
                .nioHTTP1,
                .nioPosix, .tracing,
            ]),
        tests(
            "SeaworthyTests",
            [
                "Seaworthy", "SeaworthyCLI", "SeaworthySchema", "SeaworthySQL", "SeaworthyHTTP", "SeaworthyData", "SeaworthyMaintenance",
                "SeaworthySQLite", "SeaworthyOpenID",
                "SeaworthyStorage",
                "SeaworthyMail", "SeaworthyTelemetry", "SeaworthyPostgres", "SeaworthyRedis", "PostgresServing", "ProviderServing",
                "RedisServing",
                .asyncHTTPClient, .configuration, .httpTypes, .hummingbirdCore, .logging, .metricsTestKit, .nioCore, .nioHTTP1, .nioPosix,
                .nioSSL,
            ]),
    ]
)
