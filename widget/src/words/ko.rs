use super::Words;
use crate::failure::Code;

// Sentences put no particle right after a name: which one fits depends on how the name is read.
pub(super) static WORDS: Words = Words {
    lang: "ko",
    loading: "불러오는 중…",
    title: "AI 제공업체 연결",
    title_locked: "{provider} 연결",
    intro: "{app}에서 내 API 키로 AI 기능을 사용합니다.",
    provider: "제공업체",
    key: "{provider} API 키",
    placeholder: "키를 붙여넣으세요",
    get_key: "키 발급받기",
    new_tab: "새 탭에서 열림",
    show: "키 표시",
    hide: "키 숨기기",
    replaces: "기존 키(끝자리 {last4})를 이 키로 바꿉니다.",
    looks_like: "{provider} 키인 것 같습니다.",
    switch: "{provider} 선택",
    switched: "키에 맞춰 {provider} 항목을 선택했습니다.",
    relay_key: "Relay 키입니다. {provider}에서 발급받은 키를 붙여넣어 주세요.",
    connect: "{provider} 연결하기",
    checking: "{provider}에서 확인하는 중…",
    promise: "브라우저에서 암호화되며 다시 표시되지 않습니다.",
    done_title: "{provider} 연결 완료",
    done: "이제 {app}에서 이 키로 AI 기능을 사용할 수 있습니다.",
    limited: "{provider}에서 사용이 제한된 키라 일부 모델이 거부될 수 있습니다. 키 권한은 그곳에서 넓힐 수 있습니다.",
    retry: "다시 시도",
    reference: "참조 번호",
    failure_title,
    failure,
};

fn failure_title(code: Code) -> &'static str {
    match code {
        Code::TokenExpired => "입력 시간이 만료되었습니다",
        Code::TokenUsed => "이미 키가 연결되었습니다",
        Code::TokenInvalid => "사용할 수 없는 화면입니다",
        Code::OriginNotAllowed => "허용되지 않은 사이트입니다",
        Code::Network => "연결되지 않았습니다",
        _ => "문제가 발생했습니다",
    }
}

fn failure(code: Code) -> &'static str {
    match code {
        Code::TokenExpired => {
            "저장된 내용은 없습니다. 페이지를 새로고침한 뒤 키를 다시 붙여넣어 주세요."
        }
        Code::TokenUsed => {
            "이 화면은 한 번만 쓸 수 있습니다. 다른 키를 연결하려면 페이지를 새로고침해 주세요."
        }
        Code::TokenInvalid => "페이지를 새로고침해 주세요. 계속되면 앱 고객지원에 문의해 주세요.",
        Code::OriginNotAllowed => {
            "앱에서 이 주소의 키 연결을 허용하지 않았습니다. 앱 고객지원에 문의해 주세요."
        }
        Code::ProviderLocked => "이 화면에서는 {provider} 키만 연결할 수 있습니다.",
        Code::KeyRefused => {
            "{provider}에서 이 키를 거부했습니다. 키를 빠짐없이 복사했는지, 아직 유효한지 확인하거나 새 키를 만들어 주세요."
        }
        Code::ProviderUnreachable => {
            "{provider}에서 응답이 없어 키를 저장하지 않았습니다. 잠시 후 다시 시도해 주세요."
        }
        Code::KeyMalformed => "키가 완전하지 않습니다. {provider}에서 다시 복사해 붙여넣어 주세요.",
        Code::KeyMissing => "먼저 {provider} 키를 붙여넣어 주세요.",
        Code::RateLimited => "요청이 너무 많습니다. 1분 뒤에 다시 시도해 주세요.",
        Code::Network => "서버에 연결하지 못했습니다. 인터넷 연결을 확인하고 다시 시도해 주세요.",
        Code::Unexpected => "키 문제가 아닌 오류가 발생했습니다. 잠시 후 다시 시도해 주세요.",
    }
}
