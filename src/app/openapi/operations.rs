//! Every server function, by feature, with who may call it.

use crate::features::chat::api::SendImages;
use crate::features::images::api::{SetFace, UploadImage};
use crate::features::parties::api::AddPartyPictures;
use axum::http::Method;
use leptos::server_fn::{Protocol, ServerFn};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Who may call a function. What becomes of it depends on more; this is where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Visitors too.
    Anyone,
    /// Those who are signed in.
    Member,
    /// Those who have proved their address.
    Verified,
}

impl Who {
    /// The key of the sentence in `locales/`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Anyone => "api.who.anyone",
            Self::Member => "api.who.member",
            Self::Verified => "api.who.verified",
        }
    }
}

/// How a question is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// In the query.
    Query,
    /// As a form.
    Form,
    /// As a form with files.
    Files,
}

/// A server function, as far as it can be told without calling it.
#[derive(Debug)]
pub struct Operation {
    /// The feature it belongs to.
    pub feature: &'static str,
    /// Where it is.
    pub path: &'static str,
    /// How it is called.
    pub method: Method,
    /// How its question is sent.
    pub encoding: Encoding,
    /// Who may.
    pub who: Who,
    /// The schema of its question; its description is the function's.
    pub question: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of its answer.
    pub answer: fn(&mut SchemaGenerator) -> Schema,
}

impl Operation {
    fn of<F: ServerFn<Output: JsonSchema> + JsonSchema>(feature: &'static str, who: Who) -> Self {
        Self { question: F::json_schema, ..Self::with_files::<F, F>(feature, who) }.encoded()
    }

    /// Of a function that reads a form with files by itself: `Q` says what it reads.
    fn with_files<F: ServerFn<Output: JsonSchema>, Q: JsonSchema>(feature: &'static str, who: Who) -> Self {
        Self {
            feature,
            path: F::PATH,
            method:
                <F::Protocol as Protocol<F, F::Output, F::Client, F::Server, F::Error, F::InputStreamError, F::OutputStreamError>>::METHOD,
            encoding: Encoding::Files,
            who,
            question: Q::json_schema,
            answer: |generator| generator.subschema_for::<F::Output>(),
        }
    }

    fn encoded(self) -> Self {
        let encoding = if self.method == Method::GET { Encoding::Query } else { Encoding::Form };
        Self { encoding, ..self }
    }

    /// The last part of its path.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

macro_rules! operations {
    ($($feature:ident { $($who:ident: $($function:ident),+;)+ })+) => {
        /// The features that have functions, in the order of the page.
        pub fn features() -> impl Iterator<Item = &'static str> {
            [$(stringify!($feature)),+].into_iter()
        }

        fn with_fields() -> Vec<Operation> {
            vec![$($($(Operation::of::<crate::features::$feature::api::$function>(stringify!($feature), Who::$who),)+)+)+]
        }
    };
}

operations! {
    accounts {
        Anyone: WhoAmI, SuggestNickname, SignUp, SignIn, SignOut, SignInWays, LinkLogin, ProveAddress,
            ForgetPassword, ResetLink, ResetPassword, SetLanguage, SetTheme;
        Member: ListLogins, UnlinkLogin, MailProof, ReadDetails, ChangeUnverified, ReadAccount, ListSessions,
            EndSession, EndOtherSessions, ChangePassword, CloseAccount, SetRegion, ReadMySchool, SetSchool;
        Verified: MailSchoolProof, ProveSchool;
    }
    profiles {
        Anyone: ReadProfile;
        Member: ReadMyProfile, EditProfile;
    }
    regions {
        Anyone: SearchRegions, LocateRegion;
    }
    schools {
        Anyone: ListSchools;
    }
    images {
        Member: RemoveFace;
    }
    meals {
        Anyone: ListMeals, ReadMeal, Home;
        Member: ReadBill, BlankMeal, MealToEdit, EditMeal, ListMyMeals;
        Verified: OpenMeal;
    }
    weather {
        Anyone: ReadWeather;
    }
    suggestions {
        Anyone: TodaysMenu;
        Member: SuggestMenus, MoreMenus, ForgetQuestions;
        Verified: AskMenus;
    }
    parties {
        Member: LeaveParty, WithdrawRequest, AcceptApplication, DeclineApplication, RemoveMember, LiftBan,
            HandOverParty, CloseParty, ReopenParty, AdvanceParty, CancelParty, TakePartyPictureOff, KeepParty;
        Verified: JoinParty, ApplyToParty, WaitForSeat;
    }
    settlements {
        Member: PutItem, RemoveItem, SetTerms, PutExtra, RemoveExtra, MarkSent, MarkReceived, RemindPayer,
            SettleBill;
    }
    threads {
        Anyone: ReadThread;
        Member: DeleteComment;
        Verified: WriteComment, ChangeComment, LikeComment;
    }
    chat {
        Anyone: ChatUnread;
        Member: ChatRooms, ChatRoom, ChatHistory, ChatMembers, ChatWith, ReadMyMessage, DeleteMessage, MarkRead,
            LeaveRoom, MuteRoom, BlockPerson, BlockedPeople;
        Verified: SendMessage, StartDirect, EditMessage;
    }
    notices {
        Anyone: UnreadNotices;
        Member: ListNotices, OpenNotice, ReadNotice, ReadRoom, ReadNotices;
    }
    moderation {
        Member: Report, ReadReportable;
    }
    mail {
        Anyone: ReadKeptMails;
    }
}

/// Every server function: a test knows whether one is missing.
#[must_use]
pub fn all() -> Vec<Operation> {
    let mut all = with_fields();
    all.extend([
        Operation::with_files::<UploadImage, Uploaded>("images", Who::Verified),
        Operation::with_files::<SetFace, Face>("images", Who::Member),
        Operation::with_files::<SendImages, SentPictures>("chat", Who::Verified),
        Operation::with_files::<AddPartyPictures, PartyPictures>("parties", Who::Verified),
    ]);
    let place = |feature: &str| features().position(|known| known == feature);
    all.sort_by_key(|operation| place(operation.feature));
    all
}

/// The key of a feature's name in `locales/`.
#[must_use]
pub fn title(feature: &str) -> &'static str {
    match feature {
        "accounts" => "api.feature.accounts",
        "profiles" => "api.feature.profiles",
        "regions" => "api.feature.regions",
        "schools" => "api.feature.schools",
        "images" => "api.feature.images",
        "meals" => "api.feature.meals",
        "weather" => "api.feature.weather",
        "suggestions" => "api.feature.suggestions",
        "parties" => "api.feature.parties",
        "settlements" => "api.feature.settlements",
        "threads" => "api.feature.threads",
        "chat" => "api.feature.chat",
        "notices" => "api.feature.notices",
        "moderation" => "api.feature.moderation",
        "mail" => "api.feature.mail",
        _ => "api.title",
    }
}

/// A file of a form, which a schema knows as bytes.
struct File;

impl JsonSchema for File {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "File".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"type": "string", "format": "binary"})
    }
}

// What forms with files are made of. The functions read them by themselves while they come, so no argument tells.

/// Takes a picture in, for something that will show it, and answers with its word: `ID.WIDTHxHEIGHT`.
///
/// # Errors
/// [`AppError::SlowDown`]; [`AppError::Invalid`] for what is no picture.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Uploaded {
    /// A JPEG, PNG or WebP file of at most 5 MB.
    image: File,
}

/// Makes a picture my face.
///
/// # Errors
/// [`AppError::SlowDown`]; [`AppError::Invalid`] for what is no picture.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Face {
    /// A JPEG, PNG or WebP file of at most 5 MB.
    image: File,
}

/// Shows pictures in a room, or to somebody to whom nothing was said yet.
///
/// # Errors
/// [`AppError::SlowDown`]; [`AppError::Invalid`] for what is no picture; [`AppError::NotFound`] when I am not in the room.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct SentPictures {
    /// Where; without it `to` says to whom.
    room: Option<crate::shared::ids::RoomId>,
    /// To whom, where there is no room with them yet.
    to: Option<crate::shared::ids::UserId>,
    /// The number of the message that is answered.
    reply_to: Option<crate::shared::ids::Seq>,
    /// The device's name for the message; sent twice, it is stored once.
    send_id: crate::shared::ids::SendId,
    /// What is said with them.
    text: Option<String>,
    /// A JPEG, PNG or WebP file of at most 5 MB; the field may come up to four times.
    image: File,
}

/// Shows more pictures at a party. One that is sent twice adds them once.
///
/// # Errors
/// [`AppError::SlowDown`]; [`AppError::Invalid`] for what is no picture, or too many; [`AppError::Forbidden`] for all but the host.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct PartyPictures {
    /// At which party.
    party: crate::shared::ids::PartyId,
    /// Which pictures the party showed when the form was made.
    before: Option<crate::shared::images::Pictures>,
    /// A JPEG, PNG or WebP file of at most 5 MB; the field may come up to four times.
    image: File,
}
