import Foundation
import W3pin

/// The options of a scenario's call.
struct ScenarioOptions: Sendable {
    private let json: JSON
    private let told: Told

    init(_ json: JSON, _ told: Told) {
        self.json = json
        self.told = told
    }

    var pin: PinOptions {
        get throws {
            PinOptions(
                name: text("name"),
                keyvalues: pairs,
                profile: profile,
                verify: try verify,
                skipIfPinned: flag("skip_if_pinned"),
                markAttempt: flag("mark_attempt", unset: true),
                progress: json["progress"] == nil ? nil : { @Sendable [told] in told.append($0) },
                timeout: time("timeout"),
                retry: retry)
        }
    }

    func sync(_ endpoint: String) -> SyncOptions {
        let gateways = (json["check_gateways"]?.texts ?? [])
            .map { $0.replacing("{gateway}", with: endpoint.replacing("/api/pinning", with: "")) }
        return SyncOptions(
            keep: json["keep"]?.number ?? 3,
            keyvalues: pairs,
            profile: profile,
            checkGateways: gateways.compactMap(URL.init(string:)),
            dryRun: flag("dry_run"),
            deadline: time("deadline"),
            progress: json["progress"] == nil ? nil : { @Sendable [told] in told.append($0) },
            timeout: time("timeout"),
            retry: retry)
    }

    var prepare: PrepareOptions {
        get throws {
            PrepareOptions(
                name: text("name"), keyvalues: pairs, profile: profile, verify: try verify,
                markAttempt: flag("mark_attempt", unset: true))
        }
    }

    var pinByCID: PinByCIDOptions {
        PinByCIDOptions(
            name: text("name"), keyvalues: pairs, skipIfPinned: flag("skip_if_pinned"), timeout: time("timeout"),
            retry: retry)
    }

    var list: ListOptions {
        get throws {
            ListOptions(
                offset: json["offset"]?.number ?? 0,
                limit: json["limit"]?.number,
                pinned: try text("pinned").map(Pinned.init(word:)) ?? .all,
                sortBy: try text("sort_by").map(SortBy.init(word:)) ?? .createdAt,
                sortOrder: try text("sort_order").map(SortOrder.init(word:)) ?? .descending,
                keyvalues: pairs)
        }
    }

    var walk: WalkOptions {
        get throws {
            WalkOptions(
                hidden: flag("hidden"),
                symlinks: try text("symlinks").map(Symlinks.init(word:)),
                include: json["include"]?.texts ?? [],
                exclude: json["exclude"]?.texts ?? [],
                gitignore: flag("gitignore"))
        }
    }

    var file: FileOptions { FileOptions(fileName: text("file_name"), contentType: text("content_type")) }
    var concurrency: Int { json["concurrency"]?.number ?? 4 }
    var length: Int64? { json["length"]?.number.map(Int64.init) }
    var profile: Profile? { text("profile").map(Profile.init(rawValue:)) }

    func text(_ name: String) -> String? { json[name]?.text }
    func flag(_ name: String, unset: Bool = false) -> Bool { json[name]?.flag ?? unset }
    func time(_ name: String) -> Duration? { json[name]?.milliseconds }

    private var pairs: [String: String] { json["keyvalues"]?.pairs ?? [:] }
    private var retry: RetryPolicy? { json["retry"].map { RetryPolicy(attempts: $0["attempts"]) } }
    private var verify: Verify { get throws { try text("verify").map(Verify.init(word:)) ?? .report } }
}

extension RetryPolicy {
    /// As quick as tests want it.
    init(attempts: JSON?) {
        self.init(attempts: attempts?.number, baseDelay: .milliseconds(1), maxDelay: .milliseconds(5))
    }
}
